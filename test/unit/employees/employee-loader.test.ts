import { expect, test } from 'vitest';
import { EmployeeFinder } from '../../../src/employees/employee.loader.js';
import { EmployeeStore } from '../../../src/employees/employee.store.js';
import type { ReadMode } from '../../../src/employees/read-mode.js';
import { FakeReplicaSet } from '../../support/fake-replica-set.js';
import { ManualClock } from '../../support/manual-clock.js';
import { leaderMode, nodeMode, replicaMode } from '../../support/read-modes.js';

function setUp() {
  const clock = new ManualClock();
  const replicaSet = new FakeReplicaSet(clock, [
    [1, 'John Doe', 'Manager', 5000],
    [2, 'Jane Smith', 'Developer', 4000],
  ]);
  const store = new EmployeeStore(replicaSet, clock);
  const finder = new EmployeeFinder(store, replicaSet);
  const begin = (signal: AbortSignal | null = null) => ({ deadlineAt: clock.now() + 1000, signal });
  return { clock, replicaSet, finder, begin };
}
test('employees asked for together are fetched in one call, each once', async () => {
  const { replicaSet, finder, begin } = setUp();
  const operation = begin();
  const found = await Promise.all([2, 3, 1, 2].map((id) => finder.find(id, leaderMode, operation)));
  expect(found.map((employee) => employee?.name)).toEqual([
    'Jane Smith',
    undefined,
    'John Doe',
    'Jane Smith',
  ]);
  expect(replicaSet.calls.map(({ argument }) => argument)).toEqual([[2, 3, 1]]);
});

test('a call asks for 500 ids at most', async () => {
  const { replicaSet, finder, begin } = setUp();
  const operation = begin();
  await Promise.all(
    Array.from({ length: 2500 }, (_, index) => finder.find(index + 1, leaderMode, operation)),
  );
  expect(replicaSet.calls.map(({ argument }) => Array.isArray(argument) && argument.length)).toEqual([
    500, 500, 500, 500, 500,
  ]);
});

test('each mode is asked for itself', async () => {
  const { replicaSet, finder, begin } = setUp();
  const operation = begin();
  const bookmark = { requestId: 'abc', appliedAt: 5 };
  const modes: readonly ReadMode[] = [
    leaderMode,
    { ...leaderMode, assurance: 'linearizable' },
    replicaMode,
    { ...replicaMode, bookmark },
    { ...replicaMode, bookmark: { ...bookmark, appliedAt: 6 } },
    { ...replicaMode, bookmark: { ...bookmark, requestId: 'abd' } },
    nodeMode('instance002'),
    nodeMode('instance003'),
    { ...nodeMode('instance003'), bookmark },
  ];
  await Promise.all([...modes, ...structuredClone(modes)].map((mode) => finder.find(1, mode, operation)));
  expect(replicaSet.calls.map(({ target }) => target)).toEqual(modes.map(({ target }) => target));
});

test('operations of one turn of the event loop share a call, which has the time of the last of them', async () => {
  const { clock, replicaSet, finder, begin } = setUp();
  const earlier = begin();
  const first = finder.find(1, leaderMode, earlier);
  clock.advance(5);
  const later = begin();
  const others = [finder.find(1, leaderMode, later), finder.find(2, leaderMode, later)];
  const found = await Promise.all([first, ...others]);
  expect(found.map((employee) => employee?.id)).toEqual([1, 1, 2]);
  expect(replicaSet.calls).toMatchObject([{ argument: [1, 2], deadlineAt: later.deadlineAt, signal: null }]);
});

test('what is asked for after a call has left travels with the next', async () => {
  const { replicaSet, finder, begin } = setUp();
  await finder.find(1, leaderMode, begin());
  await finder.find(1, leaderMode, begin());
  expect(replicaSet.calls.map(({ argument }) => argument)).toEqual([[1], [1]]);
});

test('a client that goes away takes its own call along, and no other’s', async () => {
  const { replicaSet, finder, begin } = setUp();
  const { signal } = new AbortController();
  await finder.find(1, leaderMode, begin(signal));
  await Promise.all([begin(signal), begin()].map((operation) => finder.find(1, leaderMode, operation)));
  expect(replicaSet.calls.map((call) => call.signal)).toEqual([signal, null]);
});

test('a call that fails, fails for all who share it', async () => {
  const { replicaSet, finder, begin } = setUp();
  replicaSet.beforeCall = () => {
    throw new Error('gone');
  };
  const asked = [1, 2].map((id) => finder.find(id, leaderMode, begin()));
  expect(await Promise.allSettled(asked)).toMatchObject([
    { status: 'rejected', reason: { message: 'gone' } },
    { status: 'rejected', reason: { message: 'gone' } },
  ]);
  expect(replicaSet.calls).toHaveLength(1);
});

test('without a leader each operation travels alone', async () => {
  const { replicaSet, finder, begin } = setUp();
  replicaSet.loseLeader();
  const [one, other] = [begin(new AbortController().signal), begin(new AbortController().signal)];
  const asked = [
    finder.find(1, leaderMode, one),
    finder.find(2, leaderMode, other),
    finder.find(2, leaderMode, one),
  ];
  const found = await Promise.all(asked);
  expect(found.map((employee) => employee?.id)).toEqual([1, 2, 2]);
  expect(replicaSet.calls.map(({ argument, signal }) => ({ argument, signal }))).toEqual([
    { argument: [1, 2], signal: one.signal },
    { argument: [2], signal: other.signal },
  ]);
});
