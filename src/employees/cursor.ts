import { createHash } from 'node:crypto';
import { BadInputError } from '../bad-input.js';
import { isOrderField, parseKey, type Key, type OrderField } from './employee-order.js';

/*
 * A cursor is the key of a row, with what it means something together with: the order, and a fingerprint of the
 * filter. Being a key and not an offset, it stays in place while rows come and go around it, also when its own goes.
 */

/** The list that a cursor belongs to, in either direction. */
export interface CursorScope {
  readonly order: OrderField;
  readonly filterFingerprint: string;
}

/** Short: it guards against a mix-up, not against an attacker, who would gain nothing. */
export function fingerprintOf(filter: object): string {
  return createHash('sha256').update(JSON.stringify(filter)).digest('base64url').slice(0, 8);
}

export function encodeCursor(key: Key, { order, filterFingerprint }: CursorScope): string {
  return Buffer.from(JSON.stringify([order, filterFingerprint, ...key])).toString('base64url');
}

/** @throws BadInputError for anything that `encodeCursor` did not make for this list. */
export function decodeCursor(cursor: string, scope: CursorScope, field: 'after' | 'before'): Key {
  const [order, filterFingerprint, ...parts] = parseJsonList(cursor);
  const key = isOrderField(order) ? parseKey(parts, order) : null;
  if (key === null) throw new BadInputError(field, 'must be a cursor from an earlier answer');
  if (order !== scope.order) throw new BadInputError(field, 'must be a cursor from the same order');
  if (filterFingerprint !== scope.filterFingerprint) {
    throw new BadInputError(field, 'must be a cursor from the same filter');
  }
  return key;
}

function parseJsonList(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
