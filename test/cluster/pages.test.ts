import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { FakeEmployees, type Filter, type Row, matches } from '../support/fake-employees.js';
import { waitForReplication } from '../support/replication.js';
import { add, remove } from '../support/writes.js';

/*
 * The functions that read, on real nodes, against the plain model that all other tests take for them: the same question,
 * the same answer. Few distinct values, so that equal ones are common; some beyond the first plane of Unicode, where
 * UTF-8 and UTF-16 sort differently.
 */
const cluster = useCluster();
const model = new FakeEmployees();
let leader: string;

type Answer = Readonly<Record<string, unknown>>;
type Value = string | number | readonly (string | number)[];

const text = fc.constantFrom(
  'a',
  'ab',
  'abc',
  'b',
  'ba',
  'Z',
  'ä',
  '日本',
  '\u{ff5e}',
  '\u{1f4bc}',
  '\u{10ffff}',
);
const salary = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(2 ** 31 - 1));
const id = fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
const [rows = []] = fc.sample(
  fc.uniqueArray(fc.tuple(id, text, text, salary), {
    selector: ([key]) => key,
    minLength: 250,
    maxLength: 250,
  }),
  { seed: 20, numRuns: 1 },
);

/** Most often one of these alone, so that nothing else hides what it does; else any number of them. */
function someOf<T>(
  all: Readonly<Record<string, fc.Arbitrary<T>>>,
): fc.Arbitrary<Readonly<Record<string, T>>> {
  const entries = Object.entries(all).map(([name, value]) => value.map((chosen) => [name, chosen] as const));
  const alone = fc.oneof(...entries).map((entry) => [entry]);
  const any = fc.tuple(...entries.map((entry) => fc.option(entry)));
  return fc
    .oneof({ weight: 3, arbitrary: alone }, any)
    .map((chosen) => Object.fromEntries(chosen.flatMap((entry) => (entry === null ? [] : [entry]))));
}

const part = fc.oneof(text, fc.constant(''));
const textTests = someOf<Value>({
  eq: text,
  in: fc.array(text, { maxLength: 3 }),
  starts_with: part,
  contains: part,
});
// Below zero, too: no salary is, but a filter may ask for it.
const bound = fc.oneof(salary, fc.integer({ min: -2, max: -1 }));
const numberTests = someOf<Value>({
  eq: bound,
  in: fc.array(bound, { maxLength: 3 }),
  gt: bound,
  gte: bound,
  lt: bound,
  lte: bound,
});
const filters: fc.Arbitrary<Filter> = someOf({ name: textTests, position: textTests, salary: numberTests });
const orders = fc.constantFrom('id', 'name', 'position', 'salary');

beforeAll(async () => {
  leader = await cluster().waitForLeader();
  await remove(cluster(), leader, 1);
  await remove(cluster(), leader, 2);
  await add(cluster(), leader, rows);
  for (const row of rows) model.rows.set(row[0], row);
  await waitForReplication(cluster());
});

/** A node's answer. Lua has no null in a table: a field that is nil is simply not there. */
async function ask(node: string, fn: string, argument: unknown): Promise<Answer> {
  return { scanned_to: null, ...(await cluster().call(node, fn, argument)) };
}

/** A path through all pages, from an end or from somewhere in between, as long as either side says that there is more. */
async function expectSamePages(
  node: string,
  request: { order: string; descending: boolean; after: unknown; limit: number; filter: Filter },
): Promise<void> {
  let after = request.after;
  do {
    const expected = model.call('employees.page', { ...request, after }, 0);
    expect(await ask(node, 'employees.page', { ...request, after })).toEqual(expected);
    after = Object(expected).scanned_to;
  } while (after !== null);
}

describe('employees.page, count and get answer as the model does, on the leader and on followers', () => {
  test('whatever the filter, the order and the size of the pages, in both directions', async () => {
    const questions = fc.record({
      node: fc.constantFrom(...cluster().names),
      order: orders,
      limit: fc.oneof(fc.integer({ min: 5, max: 60 }), fc.constant(1001)),
      filter: filters,
    });
    const property = fc.asyncProperty(questions, async ({ node, ...request }) => {
      await expectSamePages(node, { ...request, descending: false, after: null });
      await expectSamePages(node, { ...request, descending: true, after: null });
    });
    await fc.assert(property, { numRuns: 700 });
  });

  test('wherever a page begins: behind a row that is there, or one that has gone', async () => {
    const questions = fc.record({
      order: orders,
      descending: fc.boolean(),
      row: fc.tuple(id, text, text, salary),
    });
    const property = fc.asyncProperty(
      questions,
      async ({ order, descending, row: [key, name, position, pay] }) => {
        const value = { id: [], name: [name], position: [position], salary: [pay] }[order] ?? [];
        const request = { order, descending, after: [...value, key], limit: 100, filter: {} };
        await expectSamePages(leader, request);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  test('how many match', async () => {
    const questions = fc.record({ node: fc.constantFrom(...cluster().names), filter: filters });
    const property = fc.asyncProperty(questions, async ({ node, filter }) => {
      const expected = model.call('employees.count', { filter, after: null }, 0);
      expect(await ask(node, 'employees.count', { filter })).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  test('who is there by id', async () => {
    const ids = [...rows.slice(0, 50).map(([key]) => key), 401, 402, Number.MAX_SAFE_INTEGER];
    for (const node of cluster().names) {
      expect(await cluster().call(node, 'employees.get', ids)).toEqual(model.call('employees.get', ids, 0));
    }
    expect(await cluster().call(leader, 'employees.get', [])).toEqual({ status: 'ok', rows: [] });
  });
});

/** The answers of as many calls as it takes to come to an end. */
async function askOn(fn: string, request: object): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  let after: unknown = null;
  do {
    const answer = await ask(leader, fn, { ...request, after });
    answers.push(answer);
    after = answer['scanned_to'];
  } while (after !== null);
  return answers;
}

const idsOf = (page: unknown): readonly number[] => Object(page).map((row: Row) => row[0]);

describe('When more rows must be examined than one call may', () => {
  const many: readonly Row[] = Array.from({ length: 12_000 }, (_, index) => [
    1_000_000 + index,
    index % 1_000 === 0 ? `needle ${index}` : `straw ${index % 7}`,
    'Hay',
    index % 3,
  ]);

  beforeAll(async () => {
    for (let first = 0; first < many.length; first += 1_000) {
      await add(cluster(), leader, many.slice(first, first + 1_000));
    }
    for (const row of many) model.rows.set(row[0], row);
  });

  test.each(['id', 'name', 'position', 'salary'])(
    'a page says how far it came and can be gone on with, by %s',
    async (order) => {
      for (const descending of [false, true]) {
        const filter = { name: { contains: 'needle' } };
        await expectSamePages(leader, { order, descending, after: null, limit: 5, filter });
        // A range that an index serves: fewer are examined, and the same are found.
        const ranged = { ...filter, salary: { gte: 1 } };
        const wanted = [...model.rows.values()].filter((row) => matches(row, ranged)).map(([key]) => key);
        const answers = await askOn('employees.page', { order, descending, limit: 1001, filter: ranged });
        const found = answers.flatMap(({ rows: page }) => idsOf(page));
        expect(found).toHaveLength(wanted.length);
        expect(new Set(found)).toEqual(new Set(wanted));
        expect(answers).toHaveLength(order === 'salary' ? 2 : 3);
      }
    },
  );

  test('a count is given in parts, which add up', async () => {
    const answers = await askOn('employees.count', { filter: { name: { starts_with: 'straw' } } });
    const counts = answers.map(({ count }) => Number(count));
    expect(counts).toHaveLength(3);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(11_988);
    expect(await cluster().call(leader, 'employees.count', { filter: {} })).toEqual({
      status: 'ok',
      count: 12_250,
    });
  });
});

const reader = (key: number, name: string): Row => [key, name, 'Reader', 1];

test('Rows that come and go between two pages neither shift nor repeat what is on the next', async () => {
  const page = (after: unknown) =>
    cluster().call(leader, 'employees.page', {
      order: 'name',
      descending: false,
      limit: 2,
      filter: { position: { eq: 'Reader' } },
      after,
    });
  await add(cluster(), leader, [reader(5_000_001, 'b'), reader(5_000_002, 'd'), reader(5_000_003, 'f')]);
  const first = await page(null);
  expect(first).toMatchObject({
    rows: [reader(5_000_001, 'b'), reader(5_000_002, 'd')],
    scanned_to: ['d', 5_000_002],
  });
  await add(cluster(), leader, [
    reader(5_000_004, 'a'),
    reader(5_000_005, 'd'),
    reader(5_000_000, 'd'),
    reader(5_000_006, 'e'),
  ]);
  await remove(cluster(), leader, 5_000_002);
  expect(await page(Object(first).scanned_to)).toMatchObject({
    rows: [reader(5_000_005, 'd'), reader(5_000_006, 'e')],
  });
});
