import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import type { TarantoolNodeOptions } from '../../../src/tarantool/node.js';
import { LeakDetector } from '../../support/leaks.js';
import { harnesses } from '../../support/node-harness.js';
import type { NodeHarness } from '../../support/node-harness.js';
import { NodeUnderTest } from '../../support/node-under-test.js';

const leaks = new LeakDetector();
const open: NodeUnderTest[] = [];

beforeEach(() => leaks.install());

afterEach(async () => {
  for (const { node } of open.splice(0)) node.stop();
  expect({ timers: leaks.uninstall(), sockets: await leaks.socketsLeft() }).toEqual({
    timers: 0,
    sockets: 0,
  });
});

function openNode(options: { port: number } & Partial<TarantoolNodeOptions>): NodeUnderTest {
  const opened = new NodeUnderTest(options);
  open.push(opened);
  return opened;
}

describe.each(harnesses)('a node that is $kind', ({ start }) => {
  let harness: NodeHarness;

  beforeAll(async () => {
    harness = await start();
  });

  afterAll(async () => {
    await harness.stop();
  });

  const ready = (options: Partial<TarantoolNodeOptions> = {}) =>
    openNode({ port: harness.port, ...options }).ready();

  describe('when it is connected', () => {
    test('tells its owner, and nothing before', async () => {
      const { phases } = await ready();
      expect(phases).toEqual([
        { phase: 'connecting', attempt: 1 },
        { phase: 'ready', epoch: 1 },
      ]);
    });

    test('answers calls', async () => {
      const node = await ready();
      expect(await node.call('echo', ['hello'])).toEqual({ status: 'ok', values: ['hello'] });
    });

    test('gives each of many calls at once its own answer', async () => {
      const node = await ready();
      const numbers = Array.from({ length: 1000 }, (_, index) => index);
      const replies = await Promise.all(numbers.map((number) => node.call('echo', [number])));
      expect(replies.map((reply) => reply['values'])).toEqual(numbers.map((number) => [number]));
    });

    test('answers 200 workers that each read 1,000 rows again and again', async () => {
      const node = await ready();
      const work = async (): Promise<number> => {
        const first = await node.call('rows', [1000], 20_000);
        const second = await node.call('rows', [1000], 20_000);
        return [first, second].filter(({ rows }) => Array.isArray(rows) && rows.length === 1000).length;
      };
      const answered = await Promise.all(Array.from({ length: 200 }, work));
      expect(answered).toEqual(answered.map(() => 2));
    });

    test.each([
      [
        'integers of up to 32 bits',
        [0, 1, -1, 127, 128, -33, 65536, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 32 - 1],
      ],
      [
        'integers of up to 53 bits',
        [2 ** 32, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
      ],
      ['fractions', [0.1, -1.5, 1e-300, 4294967296.5]],
      [
        'texts of every plane',
        ['', 'Zoë', '員工', 'a😀b', '\u{10ffff}', '😀'.repeat(20_000), 'x'.repeat(70_000)],
      ],
      ['booleans and nothing', [true, false, null]],
      ['arrays and maps', [[1, [2, []]], { name: 'Ann', after: { id: 2 ** 40, value: 0.5 } }]],
    ])('carries %s there and back unchanged', async (_, values) => {
      const node = await ready();
      expect(await node.call('echo', values)).toEqual({ status: 'ok', values });
    });

    test('takes undefined for nil', async () => {
      const node = await ready();
      const reply = await node.call('echo', [undefined, 1]);
      expect(reply['values']).toEqual([null, 1]);
    });

    test('returns a rejection, which is final, and throws what is not', async () => {
      const node = await ready();
      const rejected = { status: 'rejected', code: 'EMPLOYEE_EXISTS', id: 7 };
      expect(await node.call('say', [rejected])).toEqual(rejected);
      const notApplied = { status: 'not_applied', code: 'TRY_AGAIN', message: 'Conflict' };
      await expect(node.call('say', [notApplied])).rejects.toMatchObject({
        name: 'NodeError',
        node: 'instance001',
        code: 'TRY_AGAIN',
        outcome: 'not-applied',
      });
      await expect(node.call('say', [42])).rejects.toMatchObject({ code: 'BAD_REPLY', outcome: 'unknown' });
    });
  });

  describe('when it refuses a call', () => {
    test.each([
      [7, 'READ_ONLY', 'not-applied'],
      [97, 'TRY_AGAIN', 'not-applied'],
      [116, 'NOT_READY', 'not-applied'],
      [216, 'QUORUM_UNCONFIRMED', 'unknown'],
      [32, 'NODE_FAILURE', 'unknown'],
    ])('with error %i, says %s and %s', async (number, code, outcome) => {
      const node = await ready();
      const error = await node.call('refuse', [number]).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: 'NodeError', code, outcome, node: 'instance001' });
      expect(error).toHaveProperty(
        'message',
        expect.stringMatching(new RegExp(`\\(Tarantool error ${number}\\)$`)),
      );
    });

    test.each(['secret', 'not_there', 'replicaset.status'])(
      'because %s is not there or not granted yet, says that it is not ready',
      async (fn) => {
        const node = await ready();
        await expect(node.call(fn)).rejects.toMatchObject({ code: 'NOT_READY', outcome: 'not-applied' });
      },
    );

    test('goes on answering others', async () => {
      const node = await ready();
      const refused = expect(node.call('refuse', [7])).rejects.toMatchObject({ code: 'READ_ONLY' });
      expect(await node.call('echo', [1])).toEqual({ status: 'ok', values: [1] });
      await refused;
    });
  });

  describe('when a deadline passes', () => {
    test('only that call fails, its outcome is unknown, and its late answer goes nowhere', async () => {
      const node = await ready();
      const before = systemClock.now();
      const long = node.call('nap', [0.7]);
      await expect(node.call('nap', [0.5], 30)).rejects.toMatchObject({
        code: 'TIMEOUT',
        outcome: 'unknown',
        message: 'No answer to nap within 30 ms',
      });
      expect(systemClock.now() - before).toBeLessThan(400);
      expect(await node.call('echo', ['next'])).toEqual({ status: 'ok', values: ['next'] });
      expect(await long).toEqual({ status: 'ok', slept: 0.7 });
      expect(node.node.phase).toEqual({ phase: 'ready', epoch: 1 });
    });

    test('and the node is slow but alive, the connection stays, even when nothing else was asked', async () => {
      const node = await ready({ connectTimeoutMs: 50 });
      const late = node.call('nap', [0.3], 20);
      await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' });
      // Longer than the node may owe the answer to a ping.
      expect(await node.call('nap', [0.15])).toEqual({ status: 'ok', slept: 0.15 });
      expect(node.node.phase).toEqual({ phase: 'ready', epoch: 1 });
    });

    test('before the call is sent, it is not sent', async () => {
      const node = await ready();
      await expect(node.call('echo', [], 0)).rejects.toMatchObject({
        code: 'TIMEOUT',
        outcome: 'not-applied',
      });
      await expect(node.call('echo', [], Number.NaN)).rejects.toMatchObject({ outcome: 'not-applied' });
    });
  });

  describe('when it cannot be logged in to', () => {
    test.each([
      ['there is no such user', { user: 'nobody' }],
      ['the password is wrong', { password: 'guess' }],
    ])('because %s, says so to its owner and tries again', async (_, credentials) => {
      const node = openNode({ port: harness.port, ...credentials });
      node.node.start();
      const { reason } = await node.until('waiting');
      expect(reason).toMatchObject({ code: 'ACCESS_DENIED', outcome: 'not-applied' });
      expect(await node.until('connecting', 1)).toEqual({ phase: 'connecting', attempt: 2 });
      await expect(node.call('echo')).rejects.toMatchObject({
        code: 'NOT_CONNECTED',
        outcome: 'not-applied',
      });
    });
  });

  describe('when it is stopped', () => {
    test('calls under way fail at once with an unknown outcome, and later ones are not sent', async () => {
      const node = await ready();
      const calls = [node.call('nap', [5]), node.call('nap', [5])];
      const lost = calls.map((call) =>
        expect(call).rejects.toMatchObject({ code: 'CONNECTION_LOST', outcome: 'unknown' }),
      );
      node.node.stop();
      node.node.stop();
      await Promise.all(lost);
      expect(node.phases.at(-1)).toEqual({ phase: 'stopped' });
      expect(node.phases).toHaveLength(3);
      await expect(node.call('echo')).rejects.toMatchObject({
        code: 'NOT_CONNECTED',
        outcome: 'not-applied',
      });
    });

    test('it may be started again', async () => {
      const node = await ready();
      node.node.stop();
      node.node.start();
      expect(await node.until('ready', 3)).toEqual({ phase: 'ready', epoch: 2 });
      expect(await node.call('echo', [1])).toEqual({ status: 'ok', values: [1] });
    });

    test('in the middle of connecting, nothing comes of it', async () => {
      const node = openNode({ port: harness.port });
      node.node.start();
      node.node.stop();
      // Long enough for a login.
      await (await ready()).call('echo');
      expect(node.phases).toEqual([{ phase: 'connecting', attempt: 1 }, { phase: 'stopped' }]);
    });
  });
});

describe.each(harnesses)('a node that is $kind and dies or freezes', ({ start }) => {
  let harness: NodeHarness;

  beforeEach(async () => {
    harness = await start();
  });

  afterEach(async () => {
    await harness.stop();
  });

  const ready = (options: Partial<TarantoolNodeOptions> = {}) =>
    openNode({ port: harness.port, ...options }).ready();

  test('when it is killed, calls under way fail at once and its owner hears of it before them', async () => {
    const node = await ready({ connectTimeoutMs: 200 });
    const calls = Array.from({ length: 20 }, () =>
      node.call('nap', [20]).catch((error: unknown) => ({ error, phase: node.node.phase.phase })),
    );
    await node.call('echo');
    await harness.stop();
    for (const lost of await Promise.all(calls)) {
      expect(lost).toMatchObject({ error: { code: 'CONNECTION_LOST', outcome: 'unknown' } });
      expect(lost).not.toMatchObject({ phase: 'ready' });
    }
    const { reason } = await node.until('waiting');
    expect(reason).toMatchObject({ code: 'CONNECTION_LOST', node: 'instance001' });
    await expect(node.call('echo')).rejects.toMatchObject({ code: 'NOT_CONNECTED', outcome: 'not-applied' });
  });

  test('when it comes back, is connected to again, at once if its owner knows', async () => {
    const node = await ready({ backoff: { minMs: 60_000, maxMs: 60_000 } });
    await harness.stop();
    const { retryAt } = await node.until('waiting');
    expect(retryAt - systemClock.now()).toBeGreaterThan(50_000);
    harness = await start(harness.port);
    node.node.wake();
    node.node.wake();
    expect(await node.until('ready', 2)).toEqual({ phase: 'ready', epoch: 2 });
    expect(await node.call('echo', [1])).toEqual({ status: 'ok', values: [1] });
    expect(node.phases.map(({ phase }) => phase)).toEqual([
      'connecting',
      'ready',
      'waiting',
      'connecting',
      'ready',
    ]);
  });

  test('when nobody wakes it, finds it by itself', async () => {
    const node = await ready();
    const { port } = harness;
    await harness.stop();
    await node.until('connecting', 3);
    harness = await start(port);
    expect(await node.until('ready', 3)).toEqual({ phase: 'ready', epoch: 2 });
  });

  test('when it freezes, calls end by their deadlines and the connection is given up', async () => {
    const node = await ready({ connectTimeoutMs: 100 });
    harness.freeze();
    const before = systemClock.now();
    const calls = [node.call('echo', [], 50), node.call('echo', [], 80), node.call('echo', [], 60_000)];
    const codes = calls.map((call) => call.catch((error: unknown) => error));
    expect(await Promise.all(codes.slice(0, 2))).toMatchObject([{ code: 'TIMEOUT' }, { code: 'TIMEOUT' }]);
    expect(systemClock.now() - before).toBeLessThan(1000);
    expect(await codes[2]).toMatchObject({
      code: 'CONNECTION_LOST',
      outcome: 'unknown',
      message: 'No answer to a ping within 100 ms, with no answer to echo yet',
    });
    expect(systemClock.now() - before).toBeLessThan(2000);
    const { reason } = await node.until('waiting');
    expect(reason.message).toBe('No answer to a ping within 100 ms');
    // The system accepts for a frozen process, but nobody greets.
    expect((await node.until('waiting', 3)).reason.message).toBe('No login within 100 ms');
  });

  test('when it freezes for less than it may owe an answer, nothing is lost', async () => {
    const node = await ready({ connectTimeoutMs: 5_000 });
    harness.freeze();
    const late = expect(node.call('echo', [], 30)).rejects.toMatchObject({
      code: 'TIMEOUT',
      outcome: 'unknown',
    });
    const patient = node.call('echo', ['patient']);
    await late;
    harness.thaw();
    expect(await patient).toEqual({ status: 'ok', values: ['patient'] });
    expect(node.node.phase).toEqual({ phase: 'ready', epoch: 1 });
  });

  test('when it is frozen, stops at once and leaves no socket', async () => {
    const node = await ready();
    harness.freeze();
    const call = expect(node.call('echo', [], 60_000)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    node.node.stop();
    await call;
    expect(await leaks.socketsLeft(harness.openSockets)).toBe(harness.openSockets);
  });
});
