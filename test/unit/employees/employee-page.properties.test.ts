import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePageRequest, readPage } from '../../../src/employees/employee-page.js';
import type { EmployeeFilter, EmployeeOrder } from '../../../src/employees/employee.query.js';
import { EmployeeStore } from '../../../src/employees/employee.store.js';
import { compareValues, type Row } from '../../support/fake-employees.js';
import { FakeReplicaSet } from '../../support/fake-replica-set.js';
import { ManualClock } from '../../support/manual-clock.js';
import { leaderMode } from '../../support/read-modes.js';

/*
 * Whatever the data, the filter, the order, the page size and the portions in which a node examines rows: all pages
 * together are a plain sorted list. Few distinct values, so that equal ones and empty pages are common; some beyond the
 * first plane of Unicode, where UTF-8 and UTF-16 sort differently.
 */
const text = fc.constantFrom('a', 'b', 'ab', 'ba', 'Z', '\u{ff5e}', '\u{1f4bc}');
const salary = fc.integer({ min: 0, max: 4 });
const rows = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 40 }), text, text, salary), {
  selector: ([id]) => id,
  maxLength: 25,
});
const stringFilter = fc.record(
  { eq: text, in: fc.array(text, { maxLength: 3 }), startsWith: text, contains: text },
  { requiredKeys: [] },
);
const intFilter = fc.record(
  { eq: salary, in: fc.array(salary, { maxLength: 3 }), gt: salary, gte: salary, lt: salary, lte: salary },
  { requiredKeys: [] },
);
const filters: fc.Arbitrary<EmployeeFilter> = fc.record(
  { name: stringFilter, position: stringFilter, salary: intFilter },
  { requiredKeys: [] },
);
const orders: fc.Arbitrary<EmployeeOrder> = fc.record({
  field: fc.constantFrom('ID', 'NAME', 'POSITION', 'SALARY'),
  direction: fc.constantFrom('ASC', 'DESC'),
});

function passes(value: string | number, tests: object | null | undefined): boolean {
  return Object.entries(tests ?? {}).every(([name, wanted]) => {
    switch (name) {
      case 'eq':
        return value === wanted;
      case 'in':
        return wanted.includes(value);
      case 'startsWith':
        return String(value).startsWith(wanted);
      case 'contains':
        return String(value).includes(wanted);
      case 'gt':
        return value > wanted;
      case 'gte':
        return value >= wanted;
      case 'lt':
        return value < wanted;
      default:
        return value <= wanted;
    }
  });
}

function expectedIds(
  all: readonly Row[],
  filter: EmployeeFilter,
  { field, direction }: EmployeeOrder,
): number[] {
  const column = ['ID', 'NAME', 'POSITION', 'SALARY'].indexOf(field);
  const ids = all
    .filter(
      (row) =>
        passes(row[1], filter.name) && passes(row[2], filter.position) && passes(row[3], filter.salary),
    )
    .toSorted((a, b) => compareValues(a[column] ?? 0, b[column] ?? 0) || a[0] - b[0])
    .map(([id]) => id);
  return direction === 'DESC' ? ids.toReversed() : ids;
}

const worlds = fc.record({
  rows,
  filter: filters,
  orderBy: orders,
  size: fc.integer({ min: 1, max: 7 }),
  examinedPerCall: fc.integer({ min: 1, max: 9 }),
});

test('all pages forwards, and all pages backwards, are the sorted list', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async ({ rows: all, filter, orderBy, size, examinedPerCall }) => {
      const clock = new ManualClock();
      const replicaSet = new FakeReplicaSet(clock, all);
      replicaSet.employees.examinedPerCall = examinedPerCall;
      const store = new EmployeeStore(replicaSet, clock);
      const call = { mode: leaderMode, deadlineAt: clock.now() + 1 };
      const expected = expectedIds(all, filter, orderBy);

      const forwards: number[] = [];
      for (let after: string | null = null, hasNext = true; hasNext;) {
        const request = parsePageRequest({ first: size, after, filter, orderBy });
        const page = await readPage(request, store, call);
        const { nodes, pageInfo } = page;
        expect(await pageInfo.hasPreviousPage()).toBe(forwards.length > 0);
        expect(await page.totalCount()).toBe(expected.length);
        forwards.push(...nodes.map(({ id }) => id));
        hasNext = await pageInfo.hasNextPage();
        expect(hasNext).toBe(forwards.length < expected.length);
        after = pageInfo.endCursor;
      }
      expect(forwards).toEqual(expected);

      const backwards: number[] = [];
      for (let before: string | null = null, hasPrevious = true; hasPrevious;) {
        const request = parsePageRequest({ last: size, before, filter, orderBy });
        const { nodes, pageInfo } = await readPage(request, store, call);
        expect(await pageInfo.hasNextPage()).toBe(backwards.length > 0);
        backwards.unshift(...nodes.map(({ id }) => id));
        hasPrevious = await pageInfo.hasPreviousPage();
        before = pageInfo.startCursor;
      }
      expect(backwards).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('a page between any two cursors is the slice between them', async () => {
  const world = fc.record({
    rows,
    orderBy: orders,
    size: fc.integer({ min: 1, max: 7 }),
    cut: fc.tuple(fc.nat(), fc.nat()),
  });
  await fc.assert(
    fc.asyncProperty(world, async ({ rows: all, orderBy, size, cut }) => {
      fc.pre(all.length > 0);
      const clock = new ManualClock();
      const store = new EmployeeStore(new FakeReplicaSet(clock, all), clock);
      const call = { mode: leaderMode, deadlineAt: clock.now() + 1 };
      const whole = (await readPage(parsePageRequest({ first: 200, orderBy }), store, call)).edges();
      const [a, b] = [cut[0] % all.length, cut[1] % all.length];
      const bounds = { orderBy, after: whole[a]?.cursor ?? '', before: whole[b]?.cursor ?? '' };
      const between = whole.slice(a + 1, Math.max(a + 1, b)).map(({ node }) => node.id);

      const first = await readPage(parsePageRequest({ ...bounds, first: size }), store, call);
      expect(first.nodes.map(({ id }) => id)).toEqual(between.slice(0, size));
      expect(await first.pageInfo.hasNextPage()).toBe(between.length > size);

      const last = await readPage(parsePageRequest({ ...bounds, last: size }), store, call);
      expect(last.nodes.map(({ id }) => id)).toEqual(between.slice(-size));
      expect(await last.pageInfo.hasPreviousPage()).toBe(between.length > size);
    }),
    { numRuns: 300 },
  );
});
