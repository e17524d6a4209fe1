import { BadInputError } from '../bad-input.js';
import { decodeCursor, encodeCursor, fingerprintOf, type CursorScope } from './cursor.js';
import type { EmployeeConnection, EmployeeEdge, PageInfo } from './employee-connection.js';
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
  const scope = new LazyScope(indexOf[orderBy?.field ?? 'ID'], filter);
  return {
    scope,
    filter,
    descending: orderBy?.direction === 'DESC',
    from: last == null ? 'start' : 'end',
    size: last == null ? parsePageSize(first ?? defaultPageSize, 'first') : parsePageSize(last, 'last'),
    after: after == null ? null : decodeCursor(after, scope, 'after'),
    before: before == null ? null : decodeCursor(before, scope, 'before'),
  };
}

/** Most pages are asked for without a cursor, and nothing is asked of theirs: then no fingerprint is made. */
class LazyScope implements CursorScope {
  readonly order: OrderField;
  readonly #filter: RowFilter;
  #fingerprint: string | null = null;

  constructor(order: OrderField, filter: RowFilter) {
    this.order = order;
    this.#filter = filter;
  }

  get filterFingerprint(): string {
    this.#fingerprint ??= fingerprintOf(this.#filter);
    return this.#fingerprint;
  }
}

function parsePageSize(size: number, field: 'first' | 'last'): number {
  if (size < 1 || size > maxPageSize) throw new BadInputError(field, `must be from 1 to ${maxPageSize}`);
  return size;
}

/** Reads one page with one row more, which tells whether the page is the last. Rejects with what reading lists does. */
export async function readPage(
  request: PageRequest,
  lists: EmployeeLists,
  call: ReadCall,
): Promise<EmployeeConnection> {
  const { scope, filter, descending, from, size, after, before } = request;
  const { order } = scope;
  const limit = size + 1;
  const { employees, answeredBy } = await lists.walk(
    from === 'start'
      ? { order, filter, descending, from: after, until: before, limit }
      : { order, filter, descending: !descending, from: before, until: after, limit },
    call,
  );
  const nodes = employees.length > size ? employees.slice(0, size) : employees;
  return new Page({
    request,
    lists,
    call,
    nodes: from === 'start' ? nodes : nodes.toReversed(),
    hasMore: employees.length > size,
    answeredBy,
  });
}

const forwards = ({ scope, filter, descending }: PageRequest) => ({ order: scope.order, filter, descending });

const backwards = (request: PageRequest) => ({ ...forwards(request), descending: !request.descending });

interface PageParts {
  readonly request: PageRequest;
  readonly lists: EmployeeLists;
  readonly call: ReadCall;
  readonly nodes: readonly Employee[];
  /** Whether more follow on the side that was read towards. */
  readonly hasMore: boolean;
  readonly answeredBy: string | null;
}

class Page implements EmployeeConnection {
  readonly nodes: readonly Employee[];
  readonly answeredBy: string | null;
  readonly #parts: PageParts;

  constructor(parts: PageParts) {
    this.nodes = parts.nodes;
    this.answeredBy = parts.answeredBy;
    this.#parts = parts;
  }

  edges(): readonly EmployeeEdge[] {
    return this.nodes.map((node) => ({ node, cursor: this.#cursorOf(node) }));
  }

  get pageInfo(): PageInfo {
    const [head, tail] = [this.nodes[0], this.nodes.at(-1)];
    const { request, hasMore } = this.#parts;
    const isFromStart = request.from === 'start';
    const known = async (): Promise<boolean> => hasMore;
    return {
      startCursor: head === undefined ? null : this.#cursorOf(head),
      endCursor: tail === undefined ? null : this.#cursorOf(tail),
      hasNextPage: isFromStart ? known : () => this.#isAnyAfter(tail),
      hasPreviousPage: isFromStart ? () => this.#isAnyBefore(head) : known,
    };
  }

  totalCount(): Promise<number> {
    const { request, lists, call } = this.#parts;
    return lists.count(request.filter, call);
  }

  #cursorOf(employee: Employee): string {
    const { scope } = this.#parts.request;
    return encodeCursor(keyOf(employee, scope.order), scope);
  }

  // Asked of the cluster, not guessed from the cursor: the row that it came from may be gone. An empty page has no
  // edge of its own, then all that lies on this side of its other bound does.
  async #isAnyBefore(head: Employee | undefined): Promise<boolean> {
    const { request } = this.#parts;
    if (request.after === null) return false;
    return this.#isAny(backwards(request), head === undefined ? request.before : this.#keyOf(head));
  }

  async #isAnyAfter(tail: Employee | undefined): Promise<boolean> {
    const { request } = this.#parts;
    if (request.before === null) return false;
    return this.#isAny(forwards(request), tail === undefined ? request.after : this.#keyOf(tail));
  }

  async #isAny(direction: ReturnType<typeof forwards>, from: Key | null): Promise<boolean> {
    const { lists, call } = this.#parts;
    const { employees } = await lists.walk({ ...direction, from, until: null, limit: 1 }, call);
    return employees.length > 0;
  }

  #keyOf(employee: Employee): Key {
    return keyOf(employee, this.#parts.request.scope.order);
  }
}
