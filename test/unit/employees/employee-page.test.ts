import { beforeEach, describe, expect, test } from 'vitest';
import { parsePageRequest, readPage } from '../../../src/employees/employee-page.js';
import type { EmployeesArgs } from '../../../src/employees/employee.query.js';
import { EmployeeStore } from '../../../src/employees/employee.store.js';
import { FakeReplicaSet } from '../../support/fake-replica-set.js';
import { ManualClock } from '../../support/manual-clock.js';
import { leaderMode } from '../../support/read-modes.js';

let clock: ManualClock;
let replicaSet: FakeReplicaSet;
let store: EmployeeStore;
beforeEach(() => {
  clock = new ManualClock();
  replicaSet = new FakeReplicaSet(clock, [
    [1, 'Ada', 'Manager', 300],
    [2, 'Bob', 'Developer', 100],
    [3, 'Cid', 'Developer', 200],
    [4, 'Dan', 'Manager', 100],
    [5, 'Eve', 'Tester', 500],
  ]);
  store = new EmployeeStore(replicaSet, clock);
});

async function read(args: EmployeesArgs) {
  const call = { mode: leaderMode, deadlineAt: clock.now() + 1000 };
  const page = await readPage(parsePageRequest(args), store, call);
  const { nodes, pageInfo } = page;
  return {
    ids: nodes.map(({ id }) => id),
    cursors: page.edges().map(({ cursor }) => cursor),
    pageInfo,
    next: await pageInfo.hasNextPage(),
    previous: await pageInfo.hasPreviousPage(),
    totalCount: () => page.totalCount(),
  };
}

/** The cursor of an employee in this order and filter. */
async function cursorOf(id: number, { orderBy }: Pick<EmployeesArgs, 'orderBy'> = {}): Promise<string> {
  const { ids, cursors } = await read({ first: 200, orderBy: orderBy ?? null });
  return cursors[ids.indexOf(id)] ?? 'no such employee';
}

describe('a page', () => {
  test('has 20 employees by id if nothing is said', async () => {
    for (let id = 6; id <= 30; id += 1) replicaSet.employees.rows.set(id, [id, 'x', 'x', 1]);
    const page = await read({});
    expect(page.ids).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect([page.previous, page.next]).toEqual([false, true]);
  });

  test('follows the page before', async () => {
    const first = await read({ first: 2 });
    const second = await read({ first: 2, after: first.pageInfo.endCursor });
    const third = await read({ first: 2, after: second.pageInfo.endCursor });
    expect([first.ids, second.ids, third.ids]).toEqual([[1, 2], [3, 4], [5]]);
    expect([first.next, second.next, third.next]).toEqual([true, true, false]);
    expect([first.previous, second.previous, third.previous]).toEqual([false, true, true]);
  });

  test('precedes the page behind, in the order of the list', async () => {
    const last = await read({ last: 2 });
    const middle = await read({ last: 2, before: last.pageInfo.startCursor });
    const head = await read({ last: 2, before: middle.pageInfo.startCursor });
    expect([last.ids, middle.ids, head.ids]).toEqual([[4, 5], [2, 3], [1]]);
    expect([last.previous, middle.previous, head.previous]).toEqual([true, true, false]);
    expect([last.next, middle.next, head.next]).toEqual([false, true, true]);
  });

  test('stops at the other cursor', async () => {
    const [two, five] = [await cursorOf(2), await cursorOf(5)];
    expect(await read({ first: 10, after: two, before: five })).toMatchObject({
      ids: [3, 4],
      next: false,
      previous: true,
    });
    expect(await read({ first: 1, after: two, before: five })).toMatchObject({ ids: [3], next: true });
    expect(await read({ last: 1, after: two, before: five })).toMatchObject({
      ids: [4],
      previous: true,
      next: true,
    });
  });

  test('is empty between two neighbours, and knows both', async () => {
    const page = await read({ first: 5, after: await cursorOf(2), before: await cursorOf(3) });
    expect(page).toMatchObject({ ids: [], previous: true, next: false });
    expect(page.pageInfo).toMatchObject({ startCursor: null, endCursor: null });
  });

  test('orders equal values by id, and by both the other way round when descending', async () => {
    const orderBy = { field: 'SALARY', direction: 'ASC' } as const;
    expect((await read({ orderBy })).ids).toEqual([2, 4, 3, 1, 5]);
    expect((await read({ orderBy: { ...orderBy, direction: 'DESC' } })).ids).toEqual([5, 1, 3, 4, 2]);
  });

  test('may go on in the other direction with the same cursor', async () => {
    const orderBy = { field: 'SALARY', direction: 'ASC' } as const;
    const after = await cursorOf(3, { orderBy });
    expect((await read({ orderBy: { ...orderBy, direction: 'DESC' }, after })).ids).toEqual([4, 2]);
  });

  test('goes on behind an employee that is gone', async () => {
    const after = await cursorOf(3);
    replicaSet.employees.rows.delete(3);
    expect((await read({ first: 1, after })).ids).toEqual([4]);
  });

  test('tells the truth about what precedes it when all of that is gone', async () => {
    const after = await cursorOf(2);
    replicaSet.employees.rows.delete(1);
    replicaSet.employees.rows.delete(2);
    expect(await read({ after })).toMatchObject({ ids: [3, 4, 5], previous: false });
  });

  test('costs one call, and the far end and the total one more each, when asked for', async () => {
    const request = parsePageRequest({ first: 2, after: await cursorOf(1) });
    replicaSet.calls.length = 0;
    const page = await readPage(request, store, { mode: leaderMode, deadlineAt: clock.now() + 1000 });
    expect(replicaSet.calls.splice(0)).toHaveLength(1);
    expect([page.edges().length, await page.pageInfo.hasNextPage()]).toEqual([2, true]);
    expect(replicaSet.calls).toHaveLength(0);
    await page.pageInfo.hasPreviousPage();
    await page.totalCount();
    expect(replicaSet.calls.map(({ fn }) => fn)).toEqual(['employees.page', 'employees.count']);
  });

  test('is filtered', async () => {
    const filter = { position: { eq: 'Developer' }, salary: { gte: 100, lt: 200 } };
    expect((await read({ filter })).ids).toEqual([2]);
    expect((await read({ filter: { name: { startsWith: '', contains: 'a' } } })).ids).toEqual([1, 4]);
    expect((await read({ filter: { name: { in: ['Eve', 'Ada', 'Nobody'], eq: null } } })).ids).toEqual([
      1, 5,
    ]);
    expect((await read({ filter: { name: { in: [] } } })).ids).toEqual([]);
    expect((await read({ filter: { name: null } })).ids).toHaveLength(5);
  });
});

describe('a page is refused', () => {
  const tooMany = Array.from({ length: 101 }, () => 'x');
  test.each<[EmployeesArgs, string]>([
    [{ first: 0 }, 'first must be from 1 to 200'],
    [{ first: -1 }, 'first must be from 1 to 200'],
    [{ first: 201 }, 'first must be from 1 to 200'],
    [{ last: 0 }, 'last must be from 1 to 200'],
    [{ last: 1_000_000_000 }, 'last must be from 1 to 200'],
    [{ first: 1, last: 1 }, 'last must not be given together with first'],
    [{ after: 'garbage' }, 'after must be a cursor from an earlier answer'],
    [{ before: '' }, 'before must be a cursor from an earlier answer'],
    [{ filter: { name: { in: tooMany } } }, 'filter.name.in must hold 100 values at most, not 101'],
    [
      { filter: { position: { contains: 'x'.repeat(201) } } },
      'filter.position.contains must be 200 characters long at most',
    ],
  ])('%j', (args, message) => {
    expect(() => parsePageRequest(args)).toThrow(message);
  });

  test('with a cursor of another filter or order', async () => {
    const after = await cursorOf(1);
    expect(() => parsePageRequest({ after, filter: { name: { eq: 'Ada' } } })).toThrow('the same filter');
    expect(() => parsePageRequest({ after, orderBy: { field: 'NAME', direction: 'ASC' } })).toThrow(
      'the same order',
    );
  });
});
