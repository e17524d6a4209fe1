/** Nobody knows who sent this: there is no token where one is needed, or it is not good. */
export class UnauthenticatedError extends Error {
  override readonly name: string = 'UnauthenticatedError';
}

/** There is a token, and it is not good. The message says why, and is fit for whoever sent it. */
export class InvalidTokenError extends UnauthenticatedError {
  override readonly name = 'InvalidTokenError';
}

/** Whether a token is good cannot be told now: the keys that it would be checked with cannot be had. */
export class IdentityUnavailableError extends Error {
  override readonly name = 'IdentityUnavailableError';
}

/** Who sent this is known, and may not do it. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError';
}
