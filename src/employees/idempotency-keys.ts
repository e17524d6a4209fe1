import { randomUUID } from 'node:crypto';
import { parseIdempotencyKey } from './employee.validation.js';

/** Chooses the request id of each mutation of one operation. */
export interface IdempotencyKeys {
  /**
   * The client's own for this mutation, else the one of the operation's header, else a new one.
   * To be called first thing in each mutation, so that a repeated operation spreads the header in the same way.
   * @throws BadInputError
   */
  next(given: string | null | undefined, responseKey: string | number): string;
}

/**
 * One header serves a whole operation, but each mutation needs a key of its own: the first takes the header as it is,
 * the others add the name under which they answer, which GraphQL keeps distinct.
 */
export function createIdempotencyKeys(header: string | null): IdempotencyKeys {
  let isHeaderTaken = false;
  return {
    next(given, responseKey) {
      if (given != null) return parseIdempotencyKey(given, 'input.idempotencyKey');
      if (header === null) return randomUUID();
      const key = isHeaderTaken ? `${header}:${responseKey}` : header;
      isHeaderTaken = true;
      return parseIdempotencyKey(key, 'Idempotency-Key');
    },
  };
}
