import { beforeEach, describe, expect, test } from 'vitest';
import {
  EmployeeExistsError,
  EmployeeNotFoundError,
  IdempotencyKeyReusedError,
  IdsExhaustedError,
  MutationOutcomeUnknownError,
  ScanUnfinishedError,
} from '../../../src/employees/employee.errors.js';
import { decodeBookmark } from '../../../src/employees/bookmark.js';
import { EmployeeStore, type Walk } from '../../../src/employees/employee.store.js';
import { ClusterUnavailableError, OutcomeUnknownError } from '../../../src/replicaset/errors.js';
import type { Reply } from '../../../src/tarantool/reply.js';
import type { Row } from '../../support/fake-employees.js';
import { FakeReplicaSet } from '../../support/fake-replica-set.js';
import { ManualClock } from '../../support/manual-clock.js';
import { leaderMode, nodeMode, replicaMode } from '../../support/read-modes.js';

const rows = Array.from({ length: 50 }, (_, index): Row => {
  const id = index + 1;
  return [id, `Name ${id % 7}`, id % 2 === 0 ? 'Developer' : 'Manager', 1000 * (id % 5)];
});
const john = { id: null, name: 'John', position: 'Manager', salary: 1, path: 'input' };
const byId: Walk = { order: 'id', descending: false, from: null, until: null, limit: 10, filter: {} };

let clock: ManualClock;
let replicaSet: FakeReplicaSet;
let store: EmployeeStore;
const readCall = () => ({ mode: leaderMode, deadlineAt: clock.now() + 1000 });
const writeCall = (idempotencyKey = 'key', repeatableBy: string | null = null) => ({
  idempotencyKey,
  repeatableBy,
  deadlineAt: clock.now() + 1000,
});

/** A store on a replica set that answers every call with this. */
function storeThatHears(reply: Reply | Error): EmployeeStore {
  const answer = async (): Promise<Reply> => {
    if (reply instanceof Error) throw reply;
    return reply;
  };
  return new EmployeeStore({ read: answer, write: answer }, clock);
}

beforeEach(() => {
  clock = new ManualClock();
  replicaSet = new FakeReplicaSet(clock, rows);
  store = new EmployeeStore(replicaSet, clock);
});

describe('a walk', () => {
  test('ends at its limit', async () => {
    const { employees } = await store.walk(byId, readCall());
    expect(employees.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(replicaSet.calls).toHaveLength(1);
  });

  test('goes on where a node stopped, until it is full', async () => {
    replicaSet.employees.examinedPerCall = 3;
    const filter = { salary: { eq: 0 } };
    const { employees } = await store.walk({ ...byId, filter, limit: 4 }, readCall());
    expect(employees.map(({ id }) => id)).toEqual([5, 10, 15, 20]);
    expect(replicaSet.calls).toHaveLength(7);
  });

  test('ends where the range ends', async () => {
    replicaSet.employees.examinedPerCall = 3;
    const { employees } = await store.walk({ ...byId, filter: { salary: { gt: 4000 } } }, readCall());
    expect(employees).toEqual([]);
  });

  test('ends before its bound, though the row of the bound is gone', async () => {
    replicaSet.employees.rows.delete(4);
    const { employees: forwards } = await store.walk({ ...byId, until: [4] }, readCall());
    expect(forwards.map(({ id }) => id)).toEqual([1, 2, 3]);
    const { employees: backwards } = await store.walk(
      { ...byId, descending: true, from: [7], until: [4] },
      readCall(),
    );
    expect(backwards.map(({ id }) => id)).toEqual([6, 5]);
  });

  test('does not look beyond its bound for rows that a filter hides', async () => {
    replicaSet.employees.examinedPerCall = 5;
    await store.walk({ ...byId, until: [8], filter: { salary: { gt: 4000 } } }, readCall());
    expect(replicaSet.calls).toHaveLength(2);
  });

  test.each([false, true])('fails when a node does not go forward (downwards: %s)', async (descending) => {
    const stuck = storeThatHears({ status: 'ok', rows: [], scanned_to: [7] });
    await expect(stuck.walk({ ...byId, descending }, readCall())).rejects.toThrow('does not go forward');
  });

  test('asks nobody when nothing can match', async () => {
    expect(await store.walk({ ...byId, filter: { name: { in: [] } } }, readCall())).toEqual({
      employees: [],
      answeredBy: null,
    });
    expect(replicaSet.calls).toEqual([]);
  });

  test('fails when its deadline passes between two calls', async () => {
    replicaSet.employees.examinedPerCall = 3;
    replicaSet.beforeCall = () => clock.advance(400);
    await expect(store.walk({ ...byId, filter: { salary: { gt: 4000 } } }, readCall())).rejects.toThrow(
      ScanUnfinishedError,
    );
    expect(replicaSet.calls).toHaveLength(3);
  });
});

test('A node that was not certain how to get at the matches is asked to look again, three times at most', async () => {
  const asked: unknown[] = [];
  const read = async (_fn: string, [argument]: readonly unknown[]): Promise<Reply> => {
    asked.push(Object(argument).is_continued);
    const scannedTo = asked.length % 5 === 0 ? null : [asked.length];
    return { status: 'ok', rows: [], count: 1, scanned_to: scannedTo, look_again: true };
  };
  const uncertain = new EmployeeStore({ read, write: read }, clock);
  await uncertain.walk({ ...byId, filter: { salary: { gt: 4000 } } }, readCall());
  expect(asked).toEqual([false, false, false, true, true]);
  expect(await uncertain.count({ salary: { gt: 4000 } }, readCall())).toBe(5);
  expect(asked.slice(5)).toEqual([false, false, false, true, true]);
});

describe('a count', () => {
  test('adds up the parts', async () => {
    replicaSet.employees.examinedPerCall = 7;
    expect(await store.count({ salary: { eq: 0 } }, readCall())).toBe(10);
    expect(replicaSet.calls).toHaveLength(8);
  });

  test('asks nobody when nothing can match', async () => {
    expect(await store.count({ position: { in: [] } }, readCall())).toBe(0);
    expect(replicaSet.calls).toEqual([]);
  });
});

describe('a read says how fresh it must be', () => {
  const bookmark = { requestId: 'abc', appliedAt: 5 };
  const deadline = 1000;
  test.each([
    [leaderMode, { consistency: 'leader' }],
    [{ ...leaderMode, assurance: 'linearizable' as const }, { consistency: 'linearizable' }],
    [replicaMode, { consistency: 'any' }],
    [
      { ...replicaMode, bookmark },
      { consistency: 'any', bookmark: { request_id: 'abc', applied_at: 5 } },
    ],
    [
      { ...nodeMode('instance002'), bookmark },
      { consistency: 'any', bookmark: { request_id: 'abc', applied_at: 5 } },
    ],
  ])('%j', async (mode, options) => {
    const call = { mode, deadlineAt: clock.now() + deadline };
    const expected = { ...options, deadline: clock.date().getTime() + deadline };
    await store.get([1], call);
    await store.walk(byId, call);
    await store.count({}, call);
    expect(replicaSet.calls.map(({ fn }) => fn)).toEqual([
      'employees.get',
      'employees.page',
      'employees.count',
    ]);
    for (const made of replicaSet.calls) {
      expect(made).toMatchObject({ target: mode.target, deadlineAt: call.deadlineAt });
      expect(made.options).toEqual(expected);
    }
  });
});

describe('a write', () => {
  test('is given a bookmark: its key and the time that the cluster stored with it, the same for a repetition', async () => {
    const appliedAt = clock.date().getTime();
    const { bookmark } = await store.add(john, writeCall('abc'));
    expect(decodeBookmark(bookmark, '')).toEqual({ requestId: 'abc', appliedAt });
    clock.advance(500);
    expect((await store.add(john, writeCall('abc'))).bookmark).toBe(bookmark);
    expect((await store.add(john, writeCall('def'))).bookmark).not.toBe(bookmark);
  });

  test('carries its key and its deadline as wall-clock time', async () => {
    await store.add(john, { ...writeCall('abc'), deadlineAt: clock.now() + 1500 });
    expect(replicaSet.writes[0]?.argument).toEqual({
      request_id: 'abc',
      deadline: clock.date().getTime() + 1500,
      operation: 'add',
      arguments: { rows: [[null, 'John', 'Manager', 1]] },
    });
  });

  test('answers a repetition with the first result', async () => {
    const first = await store.add(john, writeCall());
    expect(await store.add(john, writeCall())).toEqual(first);
    expect(replicaSet.employees.rows.size).toBe(rows.length + 1);
  });

  test('is refused when its key was used for something else', async () => {
    await store.add(john, writeCall());
    await expect(store.remove(1, writeCall())).rejects.toThrow(IdempotencyKeyReusedError);
  });

  test('is refused to all but who may repeat it, if there is such a one, whatever they send', async () => {
    const first = await store.add(john, writeCall('key', 'ada'));
    expect(await store.add(john, writeCall('key', 'ada'))).toEqual(first);
    for (const other of ['bob', null]) {
      await expect(store.add(john, writeCall('key', other))).rejects.toThrow(IdempotencyKeyReusedError);
    }
  });

  test('adds many in their order, or none when an id is taken', async () => {
    const many = [100, 99, 98].map((id, index) => ({ ...john, id, path: `input.employees[${index}]` }));
    const { result } = await store.addAll(many, writeCall('a'));
    expect(result.map(({ id }) => id)).toEqual([100, 99, 98]);

    const clashing = [{ ...john, id: 200, path: 'input.employees[0]' }, ...many];
    const refusal = store.addAll(clashing, writeCall('b'));
    await expect(refusal).rejects.toThrow(EmployeeExistsError);
    await expect(refusal).rejects.toMatchObject({ id: 100, field: 'input.employees[0].id' });
    expect(replicaSet.employees.rows.has(200)).toBe(false);
  });

  test('changes what it names and answers the whole', async () => {
    expect((await store.update(1, { salary: 9 }, writeCall())).result).toEqual({
      id: 1,
      name: 'Name 1',
      position: 'Manager',
      salary: 9,
    });
  });

  test('answers what it removed', async () => {
    expect((await store.remove(3, writeCall())).result).toMatchObject({ id: 3, name: 'Name 3' });
    await expect(store.remove(3, writeCall('again'))).rejects.toThrow(EmployeeNotFoundError);
    await expect(store.update(3, { salary: 1 }, writeCall('more'))).rejects.toMatchObject({ id: 3 });
  });

  test('says when there are no ids left', async () => {
    const full = storeThatHears({ status: 'rejected', code: 'IDS_EXHAUSTED' });
    await expect(full.add(john, writeCall())).rejects.toThrow(IdsExhaustedError);
  });

  test('of unknown outcome names the key to ask again with', async () => {
    const cause = new OutcomeUnknownError({ message: 'lost', node: 'instance001' });
    const adding = storeThatHears(cause).add(john, writeCall('abc'));
    await expect(adding).rejects.toThrow(MutationOutcomeUnknownError);
    await expect(adding).rejects.toMatchObject({ idempotencyKey: 'abc', cause });
  });

  test('fails as the replica set does', async () => {
    const cause = new ClusterUnavailableError({
      summary: 'no leader',
      term: 7,
      lastLeader: null,
      waitedMs: 5,
    });
    await expect(storeThatHears(cause).remove(1, writeCall())).rejects.toBe(cause);
  });
});

describe('an answer of a shape that we do not know', () => {
  test.each<[string, Reply]>([
    ['no rows', { status: 'ok' }],
    ['a row that is no list', { status: 'ok', rows: [{ id: 1 }] }],
    ['a row with an id that is text', { status: 'ok', rows: [['1', 'a', 'b', 1]] }],
    ['a row too short', { status: 'ok', rows: [[1, 'a', 'b']] }],
    ['a key of another order', { status: 'ok', rows: [], scanned_to: ['x', 1] }],
    ['a refusal of a read', { status: 'rejected', code: 'EMPLOYEE_NOT_FOUND' }],
  ])('is an error of ours: %s', async (_name, reply) => {
    await expect(storeThatHears(reply).walk(byId, readCall())).rejects.toThrow(Error);
  });

  test('is told without its values, for it may hold a salary', async () => {
    const reply: Reply = { status: 'ok', rows: [[7, 'Ada', null, 5432]] };
    await expect(storeThatHears(reply).walk(byId, readCall())).rejects.toThrow(
      /^Not a row of employees: a list of 4: number, string, object, number$/,
    );
  });

  test('is an error of ours: a write without its row', async () => {
    await expect(storeThatHears({ status: 'ok', rows: [] }).remove(1, writeCall())).rejects.toThrow(Error);
    const timeless = { status: 'ok', rows: [rows[0]] } as const;
    await expect(storeThatHears(timeless).remove(1, writeCall())).rejects.toThrow('Not a time');
    await expect(storeThatHears({ status: 'rejected', code: 'NEW' }).remove(1, writeCall())).rejects.toThrow(
      Error,
    );
  });

  test('is an error of ours: a count that is no number', async () => {
    await expect(storeThatHears({ status: 'ok', count: '1' }).count({}, readCall())).rejects.toThrow(Error);
  });
});
