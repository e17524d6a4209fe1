import { BadInputError } from '../bad-input.js';
import { decodeCursor, encodeCursor, fingerprintOf, type CursorScope } from './cursor.js';
import type { EmployeeConnection } from './employee-connection.js';
import { parseFilter, type RowFilter } from './employee-filter.js';
import { keyOf, type Key, type OrderField } from './employee-order.js';
import type { EmployeeOrderField, EmployeesArgs } from './employee.query.js';
import type { ReadCall } from './employee.store.js';
import type { Employee } from './employee.type.js';
import type { EmployeeLists } from './shared-lists.js';

const defaultPageSize = 20;
// 200 rows are some 20 kB of JSON, and under a millisecond of a node's time.
const maxPageSize = 200;

const indexOf: Readonly<Record<EmployeeOrderField, OrderField>> = {
  ID: 'id',
  NAME: 'name',
  POSITION: 'position',
  SALARY: 'salary',
};

/** Which employees are asked for. `after` and `before` are meant in the order of the list. */
export interface PageRequest {
  readonly scope: CursorScope;
  readonly filter: RowFilter;
  readonly descending: boolean;
  /** The end of the list that the page is counted from. */
  readonly from: 'start' | 'end';
  readonly size: number;
  readonly after: Key | null;
  readonly before: Key | null;
}

/** @throws BadInputError */
export function parsePageRequest(args: EmployeesArgs): PageRequest {
  const { first, last, after, before, orderBy } = args;
  if (first != null && last != null) throw new BadInputError('last', 'must not be given together with first');
  const filter = parseFilter(args.filter);
  const scope = scopeOf(indexOf[orderBy?.field ?? 'ID'], filter);
  return {
    scope,
    filter,
    descending: orderBy?.direction === 'DESC',
    ...(last == null
      ? { from: 'start', size: parsePageSize(first ?? defaultPageSize, 'first') }
      : { from: 'end', size: parsePageSize(last, 'last') }),
    after: after == null ? null : decodeCursor(after, scope, 'after'),
    before: before == null ? null : decodeCursor(before, scope, 'before'),
  };
}

/** Most pages are asked for without a cursor, and nothing is asked of theirs: then no fingerprint is made. */
function scopeOf(order: OrderField, filter: RowFilter): CursorScope {
  let fingerprint: string | null = null;
  return {
    order,
    get filterFingerprint() {
      fingerprint ??= fingerprintOf(filter);
      return fingerprint;
    },
  };
}

function parsePageSize(size: number, field: 'first' | 'last'): number {
  if (size < 1 || size > maxPageSize) throw new BadInputError(field, `must be from 1 to ${maxPageSize}`);
  return size;
}

/** Reads one page with one row more, which tells whether the page is the last. Rejects with what the store does. */
export async function readPage(
  { scope, filter, descending, from, size, after, before }: PageRequest,
  lists: EmployeeLists,
  call: ReadCall,
): Promise<EmployeeConnection> {
  const forwards = { order: scope.order, filter, descending };
  const backwards = { ...forwards, descending: !descending };
  const isFromStart = from === 'start';

  const { employees: rows, answeredBy } = isFromStart
    ? await lists.walk({ ...forwards, from: after, until: before, limit: size + 1 }, call)
    : await lists.walk({ ...backwards, from: before, until: after, limit: size + 1 }, call);
  const nodes = isFromStart ? rows.slice(0, size) : rows.slice(0, size).toReversed();

  const cursorOf = (employee: Employee): string => encodeCursor(keyOf(employee, scope.order), scope);
  const hasMore = async (): Promise<boolean> => rows.length > size;
  const [head, tail] = [nodes[0], nodes.at(-1)];
  // Asked of the cluster, not guessed from the cursor: the row that it came from may be gone. An empty page has no
  // edge of its own, then all that lies on this side of its other bound does.
  const anyBefore = async (): Promise<boolean> => {
    if (after === null) return false;
    const edge = head === undefined ? before : keyOf(head, scope.order);
    const further = { ...backwards, from: edge, until: null, limit: 1 };
    return (await lists.walk(further, call)).employees.length > 0;
  };
  const anyAfter = async (): Promise<boolean> => {
    if (before === null) return false;
    const edge = tail === undefined ? after : keyOf(tail, scope.order);
    const further = { ...forwards, from: edge, until: null, limit: 1 };
    return (await lists.walk(further, call)).employees.length > 0;
  };

  return {
    nodes,
    edges: () => nodes.map((node) => ({ node, cursor: cursorOf(node) })),
    get pageInfo() {
      return {
        startCursor: head === undefined ? null : cursorOf(head),
        endCursor: tail === undefined ? null : cursorOf(tail),
        hasNextPage: isFromStart ? hasMore : anyAfter,
        hasPreviousPage: isFromStart ? anyBefore : hasMore,
      };
    },
    totalCount: () => lists.count(filter, call),
    answeredBy,
  };
}
