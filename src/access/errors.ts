/** Nobody knows who sent this: there is no token where one is needed, or it is not good. */
export class UnauthenticatedError extends Error {
  override readonly name = 'UnauthenticatedError';
}

/** Who sent this is known, and may not do it. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError';
}
