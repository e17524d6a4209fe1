import type { Clock } from '../clock.js';
import { OutcomeUnknownError } from '../replicaset/errors.js';
import type { ReadOptions, ReplicaSet, WriteOptions } from '../replicaset/replica-set.js';
import type { Reply } from '../tarantool/reply.js';
import { encodeBookmark } from './bookmark.js';
import { matchesNothing, type RowFilter } from './employee-filter.js';
import { compareKeys, keyOf, type Key, type OrderField } from './employee-order.js';
import {
  parseAppliedAt,
  parseCount,
  parseOnlyRow,
  parseRows,
  parseScannedTo,
  toTuple,
  type OkReply,
} from './employee-rows.js';
import {
  EmployeeChangedError,
  EmployeeExistsError,
  EmployeeNotFoundError,
  IdempotencyKeyReusedError,
  IdsExhaustedError,
  MutationOutcomeUnknownError,
  ScanUnfinishedError,
} from './employee.errors.js';
import type { Employee } from './employee.type.js';
import type { EmployeeChanges, NewEmployee } from './employee.validation.js';
import type { ReadMode } from './read-mode.js';

/** Deadline and signal are handed down as they came. */
export interface ReadCall extends Omit<ReadOptions, 'target' | 'onAnsweredBy'> {
  readonly mode: ReadMode;
}

export interface WriteCall extends WriteOptions {
  readonly idempotencyKey: string;
  /** Who alone may repeat it: to others, its key belongs to another request whatever they send. Null: whoever has the key. */
  readonly repeatableBy: string | null;
}

/** What a write did, and the bookmark by which a later read is sure to include it. */
export interface Written<T> {
  readonly result: T;
  readonly bookmark: string;
}

/** A walk along one index, both ends exclusive. */
export interface Walk {
  readonly order: OrderField;
  readonly descending: boolean;
  readonly from: Key | null;
  readonly until: Key | null;
  readonly limit: number;
  readonly filter: RowFilter;
}

/** What a walk came by. */
export interface Walked {
  readonly employees: readonly Employee[];
  /** The node that the last rows came from; null when none had to be asked. */
  readonly answeredBy: string | null;
}

const mostLooks = 3;
const tellNobody = (): void => {};

/** What one call of `employees.get` accepts. */
export const maxIdsPerCall = 500;

/**
 * The employees in the replica set: the only place that knows the Lua functions.
 * Reads reject with what ReplicaSet.read rejects with, and with ScanUnfinishedError.
 * Writes reject with what ReplicaSet.write rejects with, and with the errors of employee.errors.ts.
 */
export class EmployeeStore {
  readonly #replicaSet: ReplicaSet;
  readonly #clock: Clock;

  constructor(replicaSet: ReplicaSet, clock: Clock) {
    this.#replicaSet = replicaSet;
    this.#clock = clock;
  }

  /** Those that exist. At most `maxIdsPerCall` ids. */
  async get(ids: readonly number[], call: ReadCall): Promise<readonly Employee[]> {
    return parseRows(await this.#read('employees.get', ids, call));
  }

  /** The next matching rows in the direction of the walk; fewer than its limit only when there are no more. */
  async walk(walk: Walk, call: ReadCall): Promise<Walked> {
    const { order, descending, from, until, limit, filter } = walk;
    if (matchesNothing(filter)) return { employees: [], answeredBy: null };
    const isPast = (key: Key): boolean =>
      until !== null && (descending ? compareKeys(key, until) <= 0 : compareKeys(key, until) >= 0);
    const employees: Employee[] = [];
    let answeredBy: string | null = null;
    const onAnsweredBy = (node: string): void => void (answeredBy = node);
    let after = from;
    let isContinued = false;
    for (let calls = 1; ; calls += 1) {
      const remaining = limit - employees.length;
      const part = { order, descending, filter, after, limit: remaining, is_continued: isContinued };
      const reply = await this.#read('employees.page', part, call, onAnsweredBy);
      for (const employee of parseRows(reply)) {
        if (until !== null && isPast(keyOf(employee, order))) return { employees, answeredBy };
        employees.push(employee);
      }
      isContinued = !isToLookAgain(reply, calls);
      const scannedTo = parseScannedTo(reply, order);
      if (scannedTo === null || isPast(scannedTo) || employees.length >= limit) {
        return { employees, answeredBy };
      }
      assertProgress(after, scannedTo, descending);
      after = scannedTo;
      this.#assertTimeIsLeft(call);
    }
  }

  async count(filter: RowFilter, call: ReadCall): Promise<number> {
    if (matchesNothing(filter)) return 0;
    let count = 0;
    let after: unknown = null;
    let isContinued = false;
    for (let calls = 1; ; calls += 1) {
      const reply = await this.#read('employees.count', { filter, after, is_continued: isContinued }, call);
      isContinued = !isToLookAgain(reply, calls);
      count += parseCount(reply);
      after = reply['scanned_to'] ?? null;
      if (after === null) return count;
      this.#assertTimeIsLeft(call);
    }
  }

  async add(employee: NewEmployee, call: WriteCall): Promise<Written<Employee>> {
    return written(await this.#add([employee], call), call, parseOnlyRow);
  }

  /** All or none; the answer is in the same order. */
  async addAll(employees: readonly NewEmployee[], call: WriteCall): Promise<Written<readonly Employee[]>> {
    return written(await this.#add(employees, call), call, parseRows);
  }

  async update(id: number, changes: EmployeeChanges, call: WriteCall): Promise<Written<Employee>> {
    const reply = await this.#write('update', { id, ...changes }, call);
    if (reply.status === 'ok') return written(reply, call, parseOnlyRow);
    if (reply.code === 'EMPLOYEE_CHANGED') throw new EmployeeChangedError(id);
    throw reply.code === 'EMPLOYEE_NOT_FOUND' ? new EmployeeNotFoundError(id) : refusal(reply.code, call);
  }

  /** The employee as it was. */
  async remove(id: number, call: WriteCall): Promise<Written<Employee>> {
    const reply = await this.#write('remove', { id }, call);
    if (reply.status === 'ok') return written(reply, call, parseOnlyRow);
    throw reply.code === 'EMPLOYEE_NOT_FOUND' ? new EmployeeNotFoundError(id) : refusal(reply.code, call);
  }

  async #add(employees: readonly NewEmployee[], call: WriteCall): Promise<OkReply> {
    const reply = await this.#write('add', { rows: employees.map(toTuple) }, call);
    if (reply.status === 'ok') return reply;
    const taken = employees.find(({ id }) => id === reply['id']);
    if (reply.code === 'EMPLOYEE_EXISTS' && typeof taken?.id === 'number') {
      throw new EmployeeExistsError(taken.id, `${taken.path}.id`);
    }
    throw refusal(reply.code, call);
  }

  async #read(
    fn: string,
    argument: unknown,
    { mode, deadlineAt, signal = null }: ReadCall,
    onAnsweredBy: (node: string) => void = tellNobody,
  ): Promise<OkReply> {
    const { target, assurance: consistency, bookmark } = mode;
    const deadline = this.#wallClock(deadlineAt);
    const freshness =
      bookmark === null
        ? { consistency, deadline }
        : {
            consistency,
            bookmark: { request_id: bookmark.requestId, applied_at: bookmark.appliedAt },
            deadline,
          };
    const options = { target, deadlineAt, signal, onAnsweredBy };
    const reply = await this.#replicaSet.read(fn, [argument, freshness], options);
    if (reply.status === 'rejected') throw new Error(`${fn} refused a read: ${reply.code}`);
    return reply;
  }

  async #write(
    operation: 'add' | 'update' | 'remove',
    operands: object,
    { idempotencyKey, repeatableBy, deadlineAt, signal = null }: WriteCall,
  ): Promise<Reply> {
    // A node refuses a write that reaches it late.
    const deadline = this.#wallClock(deadlineAt);
    const request = {
      request_id: idempotencyKey,
      deadline,
      operation,
      arguments: operands,
      ...(repeatableBy !== null && { repeatable_by: repeatableBy }),
    };
    try {
      return await this.#replicaSet.write('employees.write', [request], { deadlineAt, signal });
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
      throw new MutationOutcomeUnknownError(idempotencyKey, { cause: error });
    }
  }

  /** A deadline as the nodes understand it, whose monotonic clocks are not ours: whole milliseconds. */
  #wallClock(deadlineAt: number): number {
    return Math.floor(this.#clock.date().getTime() + deadlineAt - this.#clock.now());
  }

  // Before going on only: whether a first call is in time is for the replica set to say.
  #assertTimeIsLeft({ deadlineAt }: ReadCall): void {
    if (this.#clock.now() >= deadlineAt) throw new ScanUnfinishedError();
  }
}

function written<T>(
  reply: OkReply,
  { idempotencyKey: requestId }: WriteCall,
  parse: (reply: OkReply) => T,
): Written<T> {
  return {
    result: parse(reply),
    bookmark: encodeBookmark({ requestId, appliedAt: parseAppliedAt(reply) }),
  };
}

/**
 * Whether the next call is to find out anew by which index the matches are got at: this one's time was over before it was
 * certain. Soon it is not worth it any more.
 */
function isToLookAgain(reply: OkReply, calls: number): boolean {
  return reply['look_again'] === true && calls < mostLooks;
}

/** A node that goes nowhere would be asked until the deadline, as fast as it answers. */
function assertProgress(from: Key | null, to: Key, descending: boolean): void {
  if (from === null) return;
  const way = compareKeys(to, from);
  if (descending ? way >= 0 : way <= 0) throw new TypeError('A walk that does not go forward');
}

function refusal(code: string, { idempotencyKey }: WriteCall): Error {
  switch (code) {
    case 'IDEMPOTENCY_KEY_REUSED':
      return new IdempotencyKeyReusedError(idempotencyKey);
    case 'IDS_EXHAUSTED':
      return new IdsExhaustedError();
    default:
      return new Error(`employees.write refused for an unknown reason: ${code}`);
  }
}
