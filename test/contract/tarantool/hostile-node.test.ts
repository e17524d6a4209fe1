import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NodeError } from '../../../src/tarantool/errors.js';
import { SeededRandom } from '../../../src/trial/random.js';
import { FakeTarantool, frame, greeting, prefix, replyFrame } from '../../support/fake-tarantool.js';
import type { FakePeer, FakeRequest } from '../../support/fake-tarantool.js';
import { LeakDetector } from '../../support/leaks.js';
import { NodeUnderTest } from '../../support/node-under-test.js';

const leaks = new LeakDetector();
let fake: FakeTarantool;
let node: NodeUnderTest;

beforeEach(async () => {
  leaks.install();
  fake = await FakeTarantool.start();
  node = new NodeUnderTest({ port: fake.port, backoff: { minMs: 1, maxMs: 1 } });
});

afterEach(async () => {
  node.node.stop();
  const left = { timers: leaks.uninstall(), sockets: await leaks.socketsLeft() };
  await fake.stop();
  expect(left).toEqual({ timers: 0, sockets: 0 });
});

const bigEndian = (value: number) => [value >>> 24, value >>> 16, value >>> 8, value];
const header = (sync: number) => Buffer.from([0x82, 0x00, 0x00, 0x01, 0xce, ...bigEndian(sync)]);

/** A reply whose body is these bytes. */
const withBody = (sync: number, body: Buffer) => prefix(Buffer.concat([header(sync), body]));
const list = (count: number) => Buffer.from([0x81, 0x30, 0xdd, ...bigEndian(count)]);

const longList = Buffer.from([0xdc, 0x80, 0x00]);

describe('an answer that is made to fill the memory', () => {
  test.each<[string, (sync: number) => Buffer]>([
    [
      'millions of empty lists',
      (sync) => withBody(sync, Buffer.concat([list(8e6), Buffer.alloc(8e6, 0x90)])),
    ],
    [
      'a list of four billion',
      (sync) => withBody(sync, Buffer.concat([list(0xffffffff), Buffer.alloc(7e4)])),
    ],
    ['lists in lists, a million deep', (sync) => withBody(sync, Buffer.alloc(1e6, 0x91))],
    ['lists in lists in a small packet', (sync) => withBody(sync, Buffer.alloc(6e4, 0x91))],
    // Each of them could be whole, had it the packet to itself.
    [
      'long lists in long lists',
      (sync) =>
        withBody(sync, Buffer.concat([...Array.from({ length: 5e3 }, () => longList), Buffer.alloc(4e4)])),
    ],
  ])('ends the connection: %s', async (_, answer) => {
    await node.ready();
    fake.onCall = (request, peer) => peer.socket.write(answer(request.sync));
    const before = process.memoryUsage().heapUsed;
    await expect(node.call('echo')).rejects.toMatchObject({ code: 'BAD_REPLY', outcome: 'unknown' });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6);
  });

  test('is cut short when it is the text of an error', async () => {
    await node.ready();
    fake.onCall = (request, peer) => peer.fail(request, 32, 'x'.repeat(1e6));
    const failure: unknown = await node.call('echo').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NodeError);
    expect(String(failure).length).toBeLessThan(1_000);
  });
});

test('a node that answers pings and nothing else is left for a new connection, before it owes too much', async () => {
  await node.ready();
  fake.onCall = () => undefined;
  const calls = Array.from({ length: 20_001 }, () => node.call('echo').catch(({ code }) => code));
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['CONNECTION_LOST']));
});

/** Bytes that are nearly an answer, or nothing like one. */
function hostileBytes(request: FakeRequest, random: () => number): Buffer {
  const pick = (below: number) => Math.floor(random() * below);
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => pick(256)));
  const values: readonly unknown[] = [
    null,
    true,
    -1,
    NaN,
    Infinity,
    2n ** 64n - 1n,
    'x',
    [],
    {},
    [[1, 2]],
    { status: [] },
    { status: 'ok', rows: 7 },
    { __proto__: null, constructor: 1, status: 'rejected' },
    { status: 'not_applied', code: {} },
  ];
  const whole = replyFrame(request.sync, values[pick(values.length)]);
  switch (pick(8)) {
    case 0:
      return noise(1 + pick(60));
    case 1:
      return prefix(noise(1 + pick(60)));
    case 2:
      return withBody(request.sync, noise(pick(60)));
    case 3:
      return whole.subarray(0, pick(whole.length));
    case 4: {
      const mutated = Buffer.from(whole);
      for (let changes = 1 + pick(3); changes > 0; changes--) mutated[pick(mutated.length)] = pick(256);
      return mutated;
    }
    case 5:
      return frame(pick(2) * 0x8000 + pick(400), request.sync + pick(3) - 1, [
        [pick(90), values[pick(values.length)]],
      ]);
    case 6:
      return Buffer.concat([whole, whole, noise(pick(20))]);
    default:
      return whole;
  }
}

const seed = 20_260;
const rounds = 600;

test(`${rounds} answers that nobody should give, seed ${seed}: each call ends with an answer or a typed error`, async () => {
  const numbers = new SeededRandom(seed);
  const random = () => numbers.next();
  const surprises: unknown[] = [];
  const note = (error: unknown) => surprises.push(error);
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  try {
    await node.ready();
    const hostile = (request: FakeRequest, peer: FakePeer) => {
      peer.socket.write(hostileBytes(request, random));
      // Half of an answer may be all that ever comes.
      if (random() < 0.95) peer.socket.end();
    };
    fake.onCall = hostile;
    for (let round = 0; round < rounds; round++) {
      const outcome: unknown = await node.call('echo', [round], 10).then(
        ({ status }) => status,
        (error: unknown) => error,
      );
      if (outcome instanceof NodeError) expect(outcome.node).toBe('instance001');
      else expect(outcome).toBeOneOf(['ok', 'rejected']);
      if (node.node.phase.phase !== 'ready') await node.until('ready', node.phases.length);
    }
    fake.onCall = (request, peer) => peer.reply(request, { status: 'ok', sane: true });
    fake.greeting = greeting;
    await vi.waitFor(
      async () => expect(await node.call('echo')).toEqual({ status: 'ok', sane: true }),
      5_000,
    );
    expect(surprises).toEqual([]);
  } finally {
    process.off('uncaughtException', note);
    process.off('unhandledRejection', note);
  }
});
