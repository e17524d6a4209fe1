import { expect, test } from 'vitest';
import { EmployeeStore, type Walk } from '../../../src/employees/employee.store.js';
import { SharedLists } from '../../../src/employees/shared-lists.js';
import { FakeReplicaSet } from '../../support/fake-replica-set.js';
import { ManualClock } from '../../support/manual-clock.js';
import { leaderMode, nodeMode, replicaMode } from '../../support/read-modes.js';

const byId: Walk = { order: 'id', descending: false, from: null, until: null, limit: 10, filter: {} };

function setUp() {
  const clock = new ManualClock();
  const replicaSet = new FakeReplicaSet(clock, [
    [1, 'John Doe', 'Manager', 5000],
    [2, 'Jane Smith', 'Developer', 4000],
  ]);
  const lists = new SharedLists(new EmployeeStore(replicaSet, clock), replicaSet);
  const begin = (signal: AbortSignal | null = null, budgetMs = 1_000) => ({
    mode: leaderMode,
    deadlineAt: clock.now() + budgetMs,
    signal,
  });
  return { clock, replicaSet, lists, begin };
}

test('a list that several ask for in one turn is read once', async () => {
  const { replicaSet, lists, begin } = setUp();
  const found = await Promise.all([
    lists.walk(byId, begin()),
    lists.walk({ ...byId }, begin()),
    lists.walk(structuredClone(byId), begin()),
  ]);
  expect(found.map(({ employees }) => employees.map(({ id }) => id))).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
  expect(found.map(({ answeredBy }) => answeredBy)).toEqual(['instance001', 'instance001', 'instance001']);
  expect(replicaSet.calls).toHaveLength(1);
});

test('a count that several ask for in one turn is made once', async () => {
  const { replicaSet, lists, begin } = setUp();
  const filter = { name: { starts_with: 'J' } };
  const counts = [lists.count(filter, begin()), lists.count(filter, begin()), lists.count({}, begin())];
  expect(await Promise.all(counts)).toEqual([2, 2, 2]);
  expect(replicaSet.calls).toHaveLength(2);
});

test('who asks later is read for again: no answer is older than its question', async () => {
  const { replicaSet, lists, begin } = setUp();
  let askAgain: (() => void) | null = null;
  const again = new Promise((resolve) => {
    askAgain = () => resolve(lists.walk(byId, begin()));
  });
  replicaSet.beforeCall = () => {
    replicaSet.beforeCall = () => undefined;
    // While the first read is under way.
    askAgain?.();
  };
  await lists.walk(byId, begin());
  await again;
  expect(replicaSet.calls).toHaveLength(2);
});

test('lists that differ in anything are read one by one', async () => {
  const { replicaSet, lists, begin } = setUp();
  const modes = [replicaMode, nodeMode('instance002'), nodeMode('instance003')];
  const walks: readonly Walk[] = [
    { ...byId, limit: 11 },
    { ...byId, descending: true },
    { ...byId, from: [1] },
    { ...byId, until: [2] },
    { ...byId, filter: { salary: { gt: 1 } } },
    { ...byId, order: 'name' },
  ];
  await Promise.all([
    lists.walk(byId, begin()),
    ...walks.map((walk) => lists.walk(walk, begin())),
    ...modes.map((mode) => lists.walk(byId, { ...begin(), mode })),
  ]);
  expect(replicaSet.calls).toHaveLength(1 + walks.length + modes.length);
});

test('the read of several has the latest of their deadlines, and is not given up when one client goes', async () => {
  const { clock, replicaSet, lists, begin } = setUp();
  const gone = new AbortController();
  const reads = [lists.walk(byId, begin(gone.signal, 500)), lists.walk(byId, begin(null, 900))];
  await Promise.all(reads);
  expect(replicaSet.calls).toMatchObject([{ deadlineAt: clock.now() + 900, signal: null }]);
  await lists.walk(byId, begin(gone.signal));
  expect(replicaSet.calls[1]).toMatchObject({ signal: gone.signal });
});

test('what a read fails with, all who share it hear', async () => {
  const { replicaSet, lists, begin } = setUp();
  replicaSet.beforeCall = () => Promise.reject(new Error('No answer'));
  const outcomes = await Promise.allSettled([lists.walk(byId, begin()), lists.walk(byId, begin())]);
  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: { message: 'No answer' } },
    { status: 'rejected', reason: { message: 'No answer' } },
  ]);
  expect(replicaSet.calls).toHaveLength(1);
});

test('without a leader each waits in a place of its own', async () => {
  const { replicaSet, lists, begin } = setUp();
  replicaSet.view = { ...replicaSet.view, state: 'electing', leader: null };
  const [one, other] = [new AbortController().signal, new AbortController().signal];
  const mode = nodeMode('instance002');
  await Promise.all([
    lists.walk(byId, { ...begin(one), mode }),
    lists.walk(byId, { ...begin(other), mode }),
    lists.count({}, { ...begin(one), mode }),
  ]);
  expect(replicaSet.calls.map(({ signal }) => signal)).toEqual([one, other, one]);
});
