import { expect, test } from 'vitest';
import { createEmployeeFinder } from '../../../src/employees/employee.loader.js';
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
  const finder = createEmployeeFinder(store, { deadlineAt: clock.now() + 1000 });
  return { replicaSet, finder };
}
test('employees asked for together are fetched in one call, each once', async () => {
  const { replicaSet, finder } = setUp();
  const found = await Promise.all([2, 3, 1, 2].map((id) => finder.find(id, leaderMode)));
  expect(found.map((employee) => employee?.name)).toEqual([
    'Jane Smith',
    undefined,
    'John Doe',
    'Jane Smith',
  ]);
  expect(replicaSet.calls.map(({ argument }) => argument)).toEqual([[2, 3, 1]]);
});

test('a call asks for 1000 ids at most', async () => {
  const { replicaSet, finder } = setUp();
  await Promise.all(Array.from({ length: 2500 }, (_, index) => finder.find(index + 1, leaderMode)));
  expect(replicaSet.calls.map(({ argument }) => Array.isArray(argument) && argument.length)).toEqual([
    1000, 1000, 500,
  ]);
});

test('each mode is asked for itself', async () => {
  const { replicaSet, finder } = setUp();
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
  await Promise.all([...modes, ...structuredClone(modes)].map((mode) => finder.find(1, mode)));
  expect(replicaSet.calls.map(({ target }) => target)).toEqual(modes.map(({ target }) => target));
});
