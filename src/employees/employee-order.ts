import type { Employee } from './employee.type.js';

const orderFields = ['id', 'name', 'position', 'salary'] as const;

/** The indexes that rows can be walked along. Each ends in the id, so that its order is total. */
export type OrderField = (typeof orderFields)[number];

/** The place of a row in an order, whatever the direction. */
export type Key = readonly [id: number] | readonly [value: string | number, id: number];

export function keyOf(employee: Employee, order: OrderField): Key {
  return order === 'id' ? [employee.id] : [employee[order], employee.id];
}

export function isOrderField(value: unknown): value is OrderField {
  return orderFields.some((field) => field === value);
}

/** Null for what is not a key of this order. */
export function parseKey(value: unknown, order: OrderField): Key | null {
  if (!Array.isArray(value)) return null;
  const parts: readonly unknown[] = value;
  const [first, second] = parts;
  if (order === 'id') return parts.length === 1 && isWhole(first) ? [first] : null;
  const isValue = order === 'salary' ? isWhole : isText;
  return parts.length === 2 && isValue(first) && isWhole(second) ? [first, second] : null;
}

/** Negative when `a` comes first in ascending order: as Tarantool's indexes have it, texts by their UTF-8 bytes. */
export function compareKeys(a: Key, b: Key): number {
  for (const [index, left] of a.entries()) {
    const order = compareValues(left, b[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(a: string | number, b: string | number | undefined): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
