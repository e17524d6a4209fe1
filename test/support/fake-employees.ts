import type { Reply } from '../../src/tarantool/reply.js';

/*
 * What the Lua functions of cluster/ promise, over a list in memory: the same arguments, the same answers. Written for
 * plainness, to be compared with.
 */

export type Row = readonly [id: number, name: string, position: string, salary: number];
type Value = string | number;
type Tests = Readonly<Record<string, Value | readonly Value[]>>;
export type Filter = Readonly<Record<string, Tests>>;

interface PageRequest {
  readonly order: string;
  readonly descending: boolean;
  readonly after: readonly Value[] | null;
  readonly limit: number;
  readonly filter: Filter;
  /** Whether this goes on with a page that another call has begun. */
  readonly is_continued?: boolean;
}

interface WriteRequest {
  readonly request_id: string;
  readonly deadline: number;
  readonly repeatable_by?: string;
  readonly operation: 'add' | 'update' | 'remove';
  readonly arguments: {
    readonly rows?: readonly (readonly [number | null, string, string, number])[];
    readonly id?: number;
    readonly name?: string;
    readonly position?: string;
    readonly salary?: number;
    readonly expected?: Readonly<Record<string, Value>>;
  };
}

const columns = ['id', 'name', 'position', 'salary'];

/** As Tarantool orders a string: by its UTF-8 bytes. */
export function compareValues(a: Value, b: Value): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

function valueOf(row: Row, field: string): Value {
  const value = row[columns.indexOf(field)];
  if (value === undefined) throw new Error(`No field is named ${field}`);
  return value;
}

function keyOf(row: Row, order: string): readonly Value[] {
  return order === 'id' ? [row[0]] : [valueOf(row, order), row[0]];
}

function compareKeys(a: readonly Value[], b: readonly Value[]): number {
  const differing = a.findIndex((value, index) => compareValues(value, b[index] ?? 0) !== 0);
  return differing === -1 ? 0 : compareValues(a[differing] ?? 0, b[differing] ?? 0);
}

const predicates: Readonly<Record<string, (value: Value, wanted: Value | readonly Value[]) => boolean>> = {
  eq: (value, wanted) => value === wanted,
  in: (value, wanted) => Array.isArray(wanted) && wanted.includes(value),
  starts_with: (value, wanted) => String(value).startsWith(String(wanted)),
  contains: (value, wanted) => String(value).includes(String(wanted)),
  gt: (value, wanted) => Number(value) > Number(wanted),
  gte: (value, wanted) => Number(value) >= Number(wanted),
  lt: (value, wanted) => Number(value) < Number(wanted),
  lte: (value, wanted) => Number(value) <= Number(wanted),
};

export function matches(row: Row, filter: Filter): boolean {
  return Object.entries(filter).every(([field, tests]) =>
    Object.entries(tests).every(([name, wanted]) => {
      const predicate = predicates[name];
      if (predicate === undefined) throw new Error(`No test is named ${name}`);
      return predicate(valueOf(row, field), wanted);
    }),
  );
}

export class FakeEmployees {
  readonly rows = new Map<number, Row>();
  /** How many rows one call may look at before it says where it stopped. */
  examinedPerCall = 500;
  readonly #requests = new Map<string, { readonly fingerprint: string; readonly reply: Reply }>();
  #lastId = 0;

  constructor(rows: readonly Row[] = []) {
    for (const row of rows) this.rows.set(row[0], row);
  }

  call(fn: string, argument: unknown, wallClockMs: number): Reply {
    // As after a journey over the wire: no undefined, no references that are shared.
    const request = JSON.parse(JSON.stringify(argument));
    switch (fn) {
      case 'employees.get':
        return this.#get(request);
      case 'employees.page':
        return this.#page(request);
      case 'employees.count':
        return this.#count(request);
      case 'employees.write':
        return this.#write(request, wallClockMs);
      default:
        throw new Error(`No function is named ${fn}`);
    }
  }

  #get(ids: readonly number[]): Reply {
    if (ids.length > 500) throw new Error('At most 500 ids per call');
    return { status: 'ok', rows: ids.flatMap((id) => (this.rows.has(id) ? [this.rows.get(id)] : [])) };
  }

  #page({ order, descending, after, limit, filter }: PageRequest): Reply {
    if (limit < 1) throw new Error('A limit is from 1 on');
    const rows: Row[] = [];
    const scannedTo = this.#walk({ order, descending, after }, (row) => {
      if (matches(row, filter)) rows.push(row);
      return rows.length >= limit;
    });
    return { status: 'ok', rows, scanned_to: scannedTo };
  }

  #count({ filter, after }: { filter: Filter; after: readonly Value[] | null }): Reply {
    let count = 0;
    const scannedTo = this.#walk({ order: 'id', descending: false, after }, (row) => {
      if (matches(row, filter)) count += 1;
      return false;
    });
    return { status: 'ok', count, scanned_to: scannedTo };
  }

  #walk(
    { order, descending, after }: Pick<PageRequest, 'order' | 'descending' | 'after'>,
    isEnough: (row: Row) => boolean,
  ): readonly Value[] | null {
    const direction = descending ? -1 : 1;
    const rows = [...this.rows.values()]
      .toSorted((a, b) => direction * compareKeys(keyOf(a, order), keyOf(b, order)))
      .filter((row) => after === null || direction * compareKeys(keyOf(row, order), after) > 0);
    for (const [index, row] of rows.entries()) {
      if (isEnough(row) || index + 1 >= this.examinedPerCall) return keyOf(row, order);
    }
    return null;
  }

  #write(request: WriteRequest, wallClockMs: number): Reply {
    if (!Number.isInteger(request.deadline)) throw new Error('A deadline is whole milliseconds');
    if (wallClockMs > request.deadline) throw new Error('The write came after its deadline');
    const fingerprint = JSON.stringify([request.operation, request.arguments, request.repeatable_by]);
    const known = this.#requests.get(request.request_id);
    if (known !== undefined) {
      return known.fingerprint === fingerprint
        ? known.reply
        : { status: 'rejected', code: 'IDEMPOTENCY_KEY_REUSED' };
    }
    const reply: Reply = { ...this.#apply(request), applied_at: Math.floor(wallClockMs) };
    this.#requests.set(request.request_id, { fingerprint, reply });
    return reply;
  }

  #apply({ operation, arguments: given }: WriteRequest): Reply {
    if (operation === 'add') return this.#add(given.rows ?? []);
    const { id = 0, name, position, salary, expected = {} } = given;
    const row = this.rows.get(id);
    if (row === undefined) return { status: 'rejected', code: 'EMPLOYEE_NOT_FOUND', id };
    if (operation === 'remove') {
      this.rows.delete(id);
      return { status: 'ok', rows: [row] };
    }
    if (Object.entries(expected).some(([field, value]) => valueOf(row, field) !== value)) {
      return { status: 'rejected', code: 'EMPLOYEE_CHANGED', id };
    }
    const updated: Row = [id, name ?? row[1], position ?? row[2], salary ?? row[3]];
    this.rows.set(id, updated);
    return { status: 'ok', rows: [updated] };
  }

  #add(given: readonly (readonly [number | null, string, string, number])[]): Reply {
    const taken = given.find(([id]) => id !== null && this.rows.has(id));
    if (taken !== undefined) return { status: 'rejected', code: 'EMPLOYEE_EXISTS', id: taken[0] };
    const rows = given.map(([id, ...rest]): Row => [id ?? this.#nextId(), ...rest]);
    for (const row of rows) this.rows.set(row[0], row);
    return { status: 'ok', rows };
  }

  #nextId(): number {
    do this.#lastId += 1;
    while (this.rows.has(this.#lastId));
    return this.#lastId;
  }
}
