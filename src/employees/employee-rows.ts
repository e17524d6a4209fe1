import type { Reply } from '../tarantool/reply.js';
import { parseKey, type Key, type OrderField } from './employee-order.js';
import type { Employee } from './employee.type.js';
import type { NewEmployee } from './employee.validation.js';

/*
 * The layout of rows in Tarantool and of the replies that carry them. A reply of another shape is a defect of ours or of
 * the Lua functions: every parser here throws then, and tells of kinds instead of values, since a log is no place for a salary.
 */

function kindOf(value: unknown): string {
  if (!Array.isArray(value)) return value === null ? 'null' : typeof value;
  const kinds = value.slice(0, 10).map((item) => typeof item);
  return `a list of ${value.length}: ${kinds.join(', ')}`;
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A reply whose status is `ok`. */
export type OkReply = Extract<Reply, { status: 'ok' }>;

export function toTuple({ id, name, position, salary }: NewEmployee): readonly unknown[] {
  return [id, name, position, salary];
}

function fromTuple(tuple: unknown): Employee {
  const fields: readonly unknown[] = Array.isArray(tuple) ? tuple : [];
  // One by one: a list that is taken apart in one go is read by its iterator, which takes longer than all else here.
  const id = fields[0];
  const name = fields[1];
  const position = fields[2];
  const salary = fields[3];
  if (!isWhole(id) || typeof name !== 'string' || typeof position !== 'string' || !isWhole(salary)) {
    throw new TypeError(`Not a row of employees: ${kindOf(tuple)}`);
  }
  return { id, name, position, salary };
}

export function parseRows({ rows }: OkReply): readonly Employee[] {
  if (!Array.isArray(rows)) throw new TypeError(`Not a list of rows: ${kindOf(rows)}`);
  return rows.map(fromTuple);
}

/** When a write was applied: milliseconds, by the clock of the leader that did it. */
export function parseAppliedAt({ applied_at: value }: OkReply): number {
  if (!isWhole(value)) throw new TypeError(`Not a time: ${kindOf(value)}`);
  return value;
}

export function parseOnlyRow(reply: OkReply): Employee {
  const [employee, ...others] = parseRows(reply);
  if (employee === undefined || others.length > 0) throw new TypeError('Not one row but none or several');
  return employee;
}

/** Where to go on from; null when the range is exhausted. */
export function parseScannedTo({ scanned_to: value }: OkReply, order: OrderField): Key | null {
  if (value == null) return null;
  const key = parseKey(value, order);
  if (key === null) throw new TypeError(`Not a key of the order ${order}: ${kindOf(value)}`);
  return key;
}

export function parseCount({ count }: OkReply): number {
  if (!isWhole(count)) throw new TypeError(`Not a count: ${kindOf(count)}`);
  return count;
}
