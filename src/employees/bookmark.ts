import { BadInputError } from '../bad-input.js';
import { isIdempotencyKey } from './employee.validation.js';

/*
 * A bookmark names a write, so that a later read can be sure to include it: by the id under which its outcome is stored,
 * and the time at which it was applied, which tells when that outcome has been removed. It depends on the write only, so
 * a repetition answers the same one. Opaque to clients.
 */

/** The write that a read must include. */
export interface Bookmark {
  readonly requestId: string;
  /** Milliseconds, by the wall clock of the leader that applied it. */
  readonly appliedAt: number;
}

const version = 1;

export function encodeBookmark({ requestId, appliedAt }: Bookmark): string {
  return Buffer.from(JSON.stringify([version, appliedAt, requestId])).toString('base64url');
}

/** @throws BadInputError for anything that `encodeBookmark` did not make. */
export function decodeBookmark(text: string, field: string): Bookmark {
  const bookmark = parseBookmark(text);
  // Base64 has many spellings of one text, and JSON as well: ours is one of them.
  if (bookmark === null || encodeBookmark(bookmark) !== text) {
    throw new BadInputError(field, 'must be a bookmark from the answer of a mutation');
  }
  return bookmark;
}

function parseBookmark(text: string): Bookmark | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    const [, appliedAt, requestId]: readonly unknown[] = Array.isArray(value) ? value : [];
    const isTime = typeof appliedAt === 'number' && Number.isSafeInteger(appliedAt) && appliedAt >= 0;
    return isTime && typeof requestId === 'string' && isIdempotencyKey(requestId)
      ? { requestId, appliedAt }
      : null;
  } catch {
    return null;
  }
}
