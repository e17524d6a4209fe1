import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { FakeEmployees, type Filter, type Row } from '../support/fake-employees.js';
import { waitForReplication } from '../support/replication.js';
import { add, remove } from '../support/writes.js';

/*
 * The functions that read, on real nodes, against the plain model that all other tests take for them: the same question,
 * the same answer. Few distinct values, so that equal ones are common; some beyond the first plane of Unicode, where
 * UTF-8 and UTF-16 sort differently.
 */
const cluster = useCluster();
const model = new FakeEmployees();
// It answers whole pages: into how many calls a node divides them is the node's affair.
model.examinedPerCall = Infinity;
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

type Ask = (fn: string, argument: unknown) => Promise<Answer> | Answer;

interface Question {
  readonly order: string;
  readonly descending: boolean;
  readonly after: unknown;
  readonly limit: number;
  readonly filter: Filter;
}

/** What no call may exceed, whatever is asked of it. */
const mostExaminedPerCall = 1_000;

/** All pages from `after` on, each as full as it can be: as the gateway asks for them. */
async function readPages(askFor: Ask, question: Question): Promise<readonly (readonly unknown[])[]> {
  const pages: unknown[][] = [];
  let { after } = question;
  do {
    const page: unknown[] = [];
    let isContinued = false;
    do {
      const limit = question.limit - page.length;
      const answer = await askFor('employees.page', { ...question, after, limit, is_continued: isContinued });
      page.push(...Object(answer['rows']));
      after = answer['scanned_to'];
      isContinued = answer['look_again'] !== true;
    } while (after !== null && page.length < question.limit);
    expect(page.length).toBeLessThanOrEqual(question.limit);
    pages.push(page);
  } while (after !== null);
  return pages;
}

const askModel: Ask = (fn, argument) => ({ scanned_to: null, ...model.call(fn, argument, 0) });

const askNode =
  (node: string): Ask =>
  async (fn, argument) => {
    const answer = await ask(node, fn, argument);
    expect(answer['examined']).toBeLessThanOrEqual(mostExaminedPerCall);
    return answer;
  };

// Whether the last page is followed by an empty one depends on where the last call stopped.
const withoutEmpty = (pages: readonly (readonly unknown[])[]) => pages.filter((page) => page.length > 0);

async function expectSamePages(node: string, question: Question): Promise<void> {
  const [found, expected] = [await readPages(askNode(node), question), await readPages(askModel, question)];
  expect(withoutEmpty(found)).toEqual(withoutEmpty(expected));
}

/** How many match, added up over as many calls as it takes. */
async function countAll(askFor: Ask, filter: Filter): Promise<number> {
  let sum = 0;
  let after: unknown = null;
  let isContinued = false;
  do {
    const answer = await askFor('employees.count', { filter, after, is_continued: isContinued });
    sum += Number(answer['count']);
    isContinued = answer['look_again'] !== true;
    after = answer['scanned_to'];
  } while (after !== null);
  return sum;
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
    await fc.assert(property, { numRuns: 300 });
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
      expect(await countAll(askNode(node), filter)).toBe(await countAll(askModel, filter));
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test('who is there by id', async () => {
    const ids = [...rows.slice(0, 50).map(([key]) => key), 401, 402, Number.MAX_SAFE_INTEGER];
    for (const node of cluster().names) {
      const expected = model.call('employees.get', ids, 0);
      expect(await cluster().call(node, 'employees.get', ids)).toEqual(expected);
    }
    expect(await cluster().call(leader, 'employees.get', [])).toEqual({
      status: 'ok',
      rows: [],
    });
  });
});

/** From now on each look at the time that a node's thread has worked finds this much more of it, however long it took. */
async function letTimePass(node: string, secondsPerLook: number): Promise<void> {
  await cluster().evaluate(
    node,
    `local clock, passed = require('clock'), 0
     real_thread_time = real_thread_time or clock.thread
     local per_look = ...
     function clock.thread() passed = passed + per_look return passed end`,
    secondsPerLook,
  );
}

async function letTimePassAsItDoes(node: string): Promise<void> {
  await cluster().evaluate(node, `require('clock').thread = real_thread_time`);
}

describe('Among many rows', () => {
  const many: readonly Row[] = Array.from({ length: 12_000 }, (_, index) => [
    1_000_000 + index,
    index % 1_000 === 0 ? `needle ${index}` : `straw ${index % 7}`,
    index % 2_000 === 1 ? 'Chief' : `Hay ${index % 10}`,
    10_000 + (index % 3_000),
  ]);
  const asked = { order: 'id', descending: false, after: null, limit: 21, filter: {} };

  beforeAll(async () => {
    await add(cluster(), leader, many);
    for (const row of many) model.rows.set(row[0], row);
    // Calls also end when their time is over: here it never is, so that what they examine is always the same.
    await letTimePass(leader, 1e-6);
  });
  afterAll(() => letTimePassAsItDoes(leader));

  test.each<[what: string, question: Partial<Question>, count: number, besides: number]>([
    ['the first page', {}, 21, 0],
    ['a page behind 11,000 rows', { after: [1_011_000] }, 21, 0],
    ['a page behind them by name', { order: 'name', after: ['straw 5', 1_005_000] }, 21, 0],
    ['a value, by id', { filter: { position: { eq: 'Chief' } } }, 6, 0],
    [
      'a value, by itself, downwards',
      { order: 'name', descending: true, filter: { name: { eq: 'straw 3' } } },
      21,
      0,
    ],
    ['two values, by id: one more of each', { filter: { position: { in: ['Hay 1', 'Hay 9'] } } }, 21, 2],
    [
      'two values that are far apart, by themselves',
      { order: 'salary', filter: { salary: { in: [10_000, 12_999] } } },
      8,
      0,
    ],
    [
      'a hundred values, by id',
      { filter: { salary: { in: Array.from({ length: 100 }, (_, n) => 10_000 + 29 * n) } } },
      21,
      100,
    ],
    [
      'the beginning of a text, by itself',
      { order: 'name', filter: { name: { starts_with: 'needle' } } },
      12,
      1,
    ],
    [
      'a range, by itself: one more beyond it',
      { order: 'salary', filter: { salary: { gte: 12_998, lt: 13_000 } } },
      8,
      1,
    ],
    [
      'two ranges',
      { order: 'salary', filter: { salary: { gte: 12_900 }, name: { eq: 'needle 5000' } } },
      0,
      302,
    ],
    // What is in the wanted order is looked at first: a dense filter is found there at once.
    ['few, by another order', { order: 'name', filter: { position: { eq: 'Chief' } } }, 6, 300],
    ['few of a range, by another order', { filter: { salary: { gt: 12_990, lt: 13_000 } } }, 21, 316],
    [
      'few at the beginning of a text, by another order',
      { order: 'salary', filter: { name: { starts_with: 'needle' } } },
      12,
      301,
    ],
  ])('an index serves %s', async (_, question, count, besides) => {
    const answer = await ask(leader, 'employees.page', { ...asked, ...question });
    expect(answer['rows']).toHaveLength(count);
    expect(answer['examined']).toBeLessThanOrEqual(count + besides);
    const { rows: expected } = Object(askModel('employees.page', { ...asked, ...question }));
    expect(answer['rows']).toEqual(expected);
  });

  test.each(['id', 'name', 'position', 'salary'])(
    'what no index serves is looked for in parts, by %s',
    async (order) => {
      for (const descending of [false, true]) {
        await expectSamePages(leader, {
          ...asked,
          order,
          descending,
          filter: { name: { contains: 'needle' } },
        });
      }
    },
  );

  test('a part says how far it came, and examines 500 rows', async () => {
    const answer = await ask(leader, 'employees.page', {
      ...asked,
      after: [999_999],
      filter: { name: { contains: 'x' } },
    });
    expect(answer).toEqual({ status: 'ok', rows: [], scanned_to: [1_000_499], examined: 500 });
  });

  test.each<[what: string, filter: Filter, examined: number]>([
    ['all: the space can tell', {}, 0],
    ['a value', { position: { eq: 'Chief' } }, 6],
    ['a hundred values', { salary: { in: Array.from({ length: 100 }, (_, n) => 10_000 + 29 * n) } }, 400],
    ['few of a range', { salary: { gte: 12_990, lt: 13_000 } }, 41],
    ['few of many', { name: { starts_with: 'straw' }, position: { eq: 'Chief' } }, 6],
    ['few of two ranges', { name: { starts_with: 'straw' }, salary: { gte: 12_990, lt: 13_000 } }, 541],
  ])('a count examines no more than it must: %s', async (_, filter, examined) => {
    const answer = await ask(leader, 'employees.count', { filter });
    expect(answer).toMatchObject({ count: await countAll(askModel, filter), scanned_to: null });
    expect(answer['examined']).toBeLessThanOrEqual(examined);
  });

  test('a count of many is given in parts, which add up', async () => {
    expect(await countAll(askNode(leader), { name: { starts_with: 'straw' } })).toBe(11_988);
    expect(
      await countAll(askNode(leader), { salary: { gte: 10_001 }, position: { starts_with: 'Hay' } }),
    ).toBe(await countAll(askModel, { salary: { gte: 10_001 }, position: { starts_with: 'Hay' } }));
  });

  describe('when each look at the time finds a millisecond gone', () => {
    beforeAll(() => letTimePass(leader, 1e-3));
    afterAll(() => letTimePass(leader, 1e-6));

    test('a call ends before its rows are examined, and says how far it came', async () => {
      const question = { ...asked, after: [999_999], filter: { name: { contains: 'x' } } };
      const page = await ask(leader, 'employees.page', question);
      expect(page).toEqual({ status: 'ok', rows: [], scanned_to: [1_000_031], examined: 32 });
      const count = await ask(leader, 'employees.count', { filter: { name: { contains: 'straw' } } });
      expect(count['examined']).toBe(32);
      expect(count['scanned_to']).not.toBeNull();
    });

    const hundred = Array.from({ length: 100 }, (_, n) => 10_000 + 29 * n);
    test.each<[what: string, question: Partial<Question>]>([
      ['a part of a text', { filter: { name: { contains: 'needle' } } }],
      ['a hundred values, by id', { filter: { salary: { in: hundred } } }],
      ['a hundred values, by id, downwards', { descending: true, filter: { salary: { in: hundred } } }],
      ['a hundred values, by themselves', { order: 'salary', filter: { salary: { in: hundred } } }],
      ['few, by another order', { order: 'name', filter: { position: { eq: 'Chief' } } }],
    ])('the pages are the same: %s', async (_, question) => {
      await expectSamePages(leader, { ...asked, ...question });
    });

    test('a call that is over before other indexes are tried says so, and the next one tries them', async () => {
      const byName = { ...asked, order: 'name', filter: { position: { eq: 'Chief' } } };
      const rare = { position: { in: ['Hay 1', 'Hay 2'] }, salary: { in: [10_011, 10_012, 10_021] } };
      await letTimePass(leader, 3e-3);
      const page = await ask(leader, 'employees.page', byName);
      const count = await ask(leader, 'employees.count', { filter: rare });
      expect(page).toMatchObject({ rows: [], look_again: true, examined: 16 });
      expect(count).toMatchObject({ look_again: true, examined: 16 });

      await letTimePass(leader, 1e-6);
      const nextPage = { ...byName, after: page['scanned_to'], is_continued: false };
      const found = await ask(leader, 'employees.page', nextPage);
      expect(found).toMatchObject({ rows: { length: 6 }, scanned_to: null });
      expect(found).not.toHaveProperty('look_again');
      const nextCount = { filter: rare, after: count['scanned_to'], is_continued: false };
      const rest = await ask(leader, 'employees.count', nextCount);
      expect(rest).toMatchObject({ scanned_to: null });
      expect(Number(count['count']) + Number(rest['count'])).toBe(12);
      await letTimePass(leader, 1e-3);
    });

    test('the counts are the same', async () => {
      for (const filter of [{ salary: { in: hundred } }, { name: { contains: '9' } }]) {
        expect(await countAll(askNode(leader), filter)).toBe(await countAll(askModel, filter));
      }
    });
  });

  test('a list that is longer than the gateway sends is refused, for each value costs a look', async () => {
    const filter = { salary: { in: Array.from({ length: 101 }, (_, n) => n) } };
    await expect(ask(leader, 'employees.page', { ...asked, filter })).rejects.toThrow(
      'A list holds 100 values at most',
    );
    await expect(
      ask(
        leader,
        'employees.get',
        Array.from({ length: 501 }, (_, n) => n),
      ),
    ).rejects.toThrow('At most 500 ids');
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
