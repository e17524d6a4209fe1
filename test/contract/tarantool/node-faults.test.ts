import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import type { TarantoolNodeOptions } from '../../../src/tarantool/node.js';
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
});

afterEach(async () => {
  node.node.stop();
  const left = { timers: leaks.uninstall(), sockets: await leaks.socketsLeft() };
  await fake.stop();
  expect(left).toEqual({ timers: 0, sockets: 0 });
});

function openNode(options: Partial<TarantoolNodeOptions> = {}): NodeUnderTest {
  node = new NodeUnderTest({ port: fake.port, ...options });
  return node;
}

/** Makes a call and returns it, unanswered, with what the node got of it. */
async function callInFlight(
  fn: string,
): Promise<{ call: Promise<unknown>; request: FakeRequest; peer: FakePeer }> {
  const { onCall } = fake;
  const arrived = new Promise<{ request: FakeRequest; peer: FakePeer }>((resolve) => {
    fake.onCall = (request, peer) => resolve({ request, peer });
  });
  const call = node.call(fn);
  // Some tests look at it late; that must not count as unhandled.
  call.catch(() => undefined);
  const { request, peer } = await arrived;
  fake.onCall = onCall;
  return { call, request, peer };
}

const ok = (value: unknown) => ({ status: 'ok', value });

describe('a reply in many pieces', () => {
  test('delays no request that is made meanwhile', async () => {
    await openNode().ready();
    const large = await callInFlight('large');
    const bytes = replyFrame(large.request.sync, ok('x'.repeat(200)));
    await large.peer.sendInPieces(bytes.subarray(0, 150), 7);
    const small = await callInFlight('small');
    await large.peer.sendInPieces(bytes.subarray(150), 1);
    small.peer.reply(small.request, ok('small'));
    expect(await large.call).toEqual(ok('x'.repeat(200)));
    expect(await small.call).toEqual(ok('small'));
  });

  test('is a sign of life, even if it is not whole by the deadline', async () => {
    await openNode().ready();
    const { onCall } = fake;
    let rest: Buffer = Buffer.alloc(0);
    fake.onCall = (request, peer) => {
      const bytes = replyFrame(request.sync, ok('x'.repeat(200)));
      peer.socket.write(bytes.subarray(0, 100));
      rest = bytes.subarray(100);
    };
    await expect(node.call('large', [], 200)).rejects.toMatchObject({ code: 'TIMEOUT' });
    fake.peer.socket.write(rest);
    fake.onCall = onCall;
    expect(await node.call('echo', [1])).toEqual({ status: 'ok', args: [1] });
    expect(fake.pings).toBe(0);
  });
});

describe('a packet that answers nobody', () => {
  const strangers: readonly [string, (sync: number) => Buffer][] = [
    ['a reply to a request that was never made', (sync) => replyFrame(sync + 1000, ok('stranger'))],
    [
      'an error for a request that was never made',
      (sync) => frame(0x8007, sync + 1000, [[0x31, 'Stranger']]),
    ],
    ['an event', () => frame(76, 0, [[0x57, 'box.shutdown']])],
    ['a push that belongs to the call', (sync) => frame(0x80, sync, [[0x30, ['progress']]])],
  ];

  test.each(strangers)('is dropped when it is %s, and the call gets its own answer', async (_, stranger) => {
    await openNode().ready();
    const { call, request, peer } = await callInFlight('echo');
    peer.socket.write(stranger(request.sync));
    peer.reply(request, ok('mine'));
    expect(await call).toEqual(ok('mine'));
  });

  test.each(strangers)('is dropped when it is %s and nothing is under way', async (_, stranger) => {
    await openNode().ready();
    fake.peer.socket.write(stranger(0));
    expect(await node.call('echo', [1])).toEqual({ status: 'ok', args: [1] });
    expect(node.node.phase).toEqual({ phase: 'ready', epoch: 1 });
  });

  test('is dropped when it is the same answer again', async () => {
    await openNode().ready();
    fake.onCall = (request, peer) => {
      peer.reply(request, ok(request.fn));
      peer.reply(request, ok('again'));
    };
    expect(await node.call('first')).toEqual(ok('first'));
    expect(await node.call('second')).toEqual(ok('second'));
  });
});

/** Of a reply. */
const header = (sync: number) =>
  [0x82, 0x00, 0x00, 0x01, 0xce].concat(sync >>> 24, sync >>> 16, sync >>> 8, sync);

describe('bytes that cannot be read', () => {
  test.each<[string, (sync: number) => Buffer | number[]]>([
    ['a packet without a length', () => [0xa3, 0x61, 0x62, 0x63, 0x64]],
    ['a packet of 4 GiB', () => [0xce, 0xff, 0xff, 0xff, 0xff]],
    ['a packet of no bytes', () => [0xce, 0, 0, 0, 0]],
    ['a header that is no map', () => prefix(Buffer.from([0x93, 1, 2, 3]))],
    ['a header without the number of its request', () => prefix(Buffer.from([0x81, 0x00, 0x00, 0x80]))],
    [
      'a body that ends too early',
      (sync) => prefix(Buffer.from([...header(sync), 0x81, 0x30, 0xdd, 0, 0, 0, 9])),
    ],
    ['a body with a byte that is no MessagePack', (sync) => prefix(Buffer.from([...header(sync), 0xc1]))],
    [
      'a body with an extension that is wrong in itself',
      (sync) => prefix(Buffer.from([...header(sync), 0x81, 0x30, 0xd4, 0x02, 0])),
    ],
    ['a body of nil', (sync) => prefix(Buffer.from([...header(sync), 0xc0]))],
    ['no body', (sync) => prefix(Buffer.from(header(sync)))],
  ])('end the connection when they are %s, and a new one is made', async (_, broken) => {
    await openNode().ready();
    const other = (await callInFlight('other')).call;
    const { call, request, peer } = await callInFlight('echo');
    peer.socket.write(Buffer.from(broken(request.sync)));
    await expect(call).rejects.toMatchObject({ code: 'BAD_REPLY', outcome: 'unknown', node: 'instance001' });
    await expect(other).rejects.toMatchObject({ code: 'BAD_REPLY', outcome: 'unknown' });
    const { reason } = await node.until('waiting');
    expect(reason).toMatchObject({ code: 'BAD_REPLY', cause: expect.any(Error) });
    expect(await node.until('ready', 2)).toEqual({ phase: 'ready', epoch: 2 });
    expect(await node.call('echo', [1])).toEqual({ status: 'ok', args: [1] });
  });

  test('are not waited for to come in full', async () => {
    await openNode().ready();
    const { call, peer } = await callInFlight('echo');
    peer.socket.write(Buffer.from([0xce, 0x7f, 0xff, 0xff, 0xff]));
    await expect(call).rejects.toMatchObject({
      message: expect.stringContaining('A packet of 2147483647 bytes; 1 to 8388608 are allowed'),
    });
  });

  test('are a bad reply, but only to one call, when they are a table of an unknown shape', async () => {
    await openNode().ready();
    const other = await callInFlight('other');
    const { call, request, peer } = await callInFlight('echo');
    peer.socket.write(frame(0, request.sync, []));
    await expect(call).rejects.toMatchObject({ code: 'BAD_REPLY', outcome: 'unknown' });
    other.peer.reply(other.request, ok('other'));
    expect(await other.call).toEqual(ok('other'));
  });
});

describe('a connection that is closed', () => {
  test.each<[string, (peer: FakePeer, sync: number) => void]>([
    ['by the node', (peer) => peer.socket.destroy()],
    ['by a reset', (peer) => peer.socket.resetAndDestroy()],
    ['in one direction only', (peer) => peer.socket.end()],
    ['within a reply', (peer, sync) => peer.socket.end(replyFrame(sync, ok('cut')).subarray(0, 20))],
  ])('%s fails the calls under way at once, with an unknown outcome', async (_, close) => {
    await openNode({ backoff: { minMs: 60_000, maxMs: 60_000 } }).ready();
    const other = (await callInFlight('other')).call;
    const { call, request, peer } = await callInFlight('echo');
    const before = systemClock.now();
    close(peer, request.sync);
    await expect(call).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      outcome: 'unknown',
      node: 'instance001',
    });
    await expect(other).rejects.toMatchObject({ code: 'CONNECTION_LOST', outcome: 'unknown' });
    expect(systemClock.now() - before).toBeLessThan(1000);
    expect(node.node.phase).toMatchObject({ phase: 'waiting', reason: { code: 'CONNECTION_LOST' } });
  });

  test('is told to the owner before any call can be made in vain', async () => {
    await openNode().ready();
    const { call, peer } = await callInFlight('echo');
    peer.socket.destroy();
    const again = call.catch(() => node.call('echo'));
    await expect(again).rejects.toMatchObject({ code: 'NOT_CONNECTED', outcome: 'not-applied' });
    expect(fake.calls).toHaveLength(1);
  });
});

describe('a node that does not say what it should when it is connected to', () => {
  test.each<[string, () => void, object]>([
    [
      'says nothing',
      () => (fake.greeting = Buffer.alloc(0)),
      { code: 'TIMEOUT', message: 'No login within 50 ms' },
    ],
    [
      'says half of its greeting',
      () => (fake.greeting = greeting.subarray(0, 64)),
      { code: 'TIMEOUT', message: 'No login within 50 ms' },
    ],
    [
      'does not answer the login',
      () => (fake.onLogin = () => undefined),
      { code: 'TIMEOUT', message: 'No login within 50 ms' },
    ],
    [
      'closes at the login',
      () => (fake.onLogin = (_, peer) => peer.socket.destroy()),
      { code: 'CONNECTION_LOST' },
    ],
    [
      'is still loading',
      () =>
        (fake.onLogin = (request, peer) => peer.fail(request, 116, 'Instance bootstrap has not finished')),
      { code: 'NOT_READY', message: 'Instance bootstrap has not finished (Tarantool error 116)' },
    ],
    [
      'is no Tarantool',
      () => (fake.greeting = Buffer.from('HTTP/1.1 400 Bad Request\r\n'.padEnd(128))),
      { code: 'BAD_REPLY', message: expect.stringContaining('it says "HTTP/1.1 400 Bad Request"') },
    ],
    [
      'is the console of a Tarantool',
      () => (fake.greeting = Buffer.from("Tarantool 2.6.0 (Lua console)\ntype 'help'".padEnd(128))),
      { code: 'BAD_REPLY' },
    ],
  ])('because it %s is tried again until it does', async (_, misbehave, reason) => {
    const { onLogin } = fake;
    misbehave();
    openNode({ connectTimeoutMs: 50, backoff: { minMs: 1, maxMs: 2 } }).node.start();
    expect((await node.until('waiting')).reason).toMatchObject({ ...reason, outcome: 'not-applied' });
    await node.until('waiting', 3);
    fake.greeting = greeting;
    fake.onLogin = onLogin;
    expect(await node.until('ready')).toEqual({ phase: 'ready', epoch: 1 });
    expect(await node.call('echo', [1])).toEqual({ status: 'ok', args: [1] });
  });

  test('because nobody listens says so in every call', async () => {
    await fake.stop();
    openNode({ backoff: { minMs: 60_000, maxMs: 60_000 } }).node.start();
    const { reason } = await node.until('waiting');
    expect(reason).toMatchObject({
      code: 'CONNECTION_LOST',
      message: `connect ECONNREFUSED 127.0.0.1:${fake.port}`,
    });
    await expect(node.call('echo')).rejects.toMatchObject({
      code: 'NOT_CONNECTED',
      message: `Not connected: connect ECONNREFUSED 127.0.0.1:${fake.port}`,
    });
  });

  test('because its name has several addresses, none of which answers, says why', async () => {
    await fake.stop();
    openNode({ host: 'localhost' }).node.start();
    expect((await node.until('waiting')).reason.message).toContain('ECONNREFUSED');
  });
});

/** Computes, so that no timer fires and no socket is read. */
function beBusy(ms: number): void {
  const until = systemClock.now() + ms;
  while (systemClock.now() < until);
}

describe('a gateway that is busy with something else', () => {
  test('does not miss an answer that came before the deadline', async () => {
    await openNode().ready();
    fake.onCall = (request, peer) => {
      peer.reply(request, ok('in time'));
      beBusy(60);
    };
    expect(await node.call('echo', [], 40)).toEqual(ok('in time'));
  });

  test('does not take a node for dead that has answered a ping', async () => {
    await openNode({ connectTimeoutMs: 40 }).ready();
    fake.onCall = () => undefined;
    fake.onPing = (request, peer) => {
      peer.accept(request);
      beBusy(60);
    };
    await expect(node.call('echo', [], 10)).rejects.toMatchObject({ code: 'TIMEOUT' });
    await vi.waitFor(() => expect(fake.pings).toBe(1), { interval: 1 });
    fake.onCall = (request, peer) => peer.reply(request, ok('alive'));
    expect(await node.call('echo')).toEqual(ok('alive'));
    expect(node.node.phase).toEqual({ phase: 'ready', epoch: 1 });
  });

  test('does not give up a login that has been granted', async () => {
    fake.onLogin = (request, peer) => {
      peer.accept(request);
      beBusy(60);
    };
    await openNode({ connectTimeoutMs: 40 }).ready();
    expect(node.phases.map(({ phase }) => phase)).toEqual(['connecting', 'ready']);
  });
});

describe('a silent node', () => {
  test('holds no call beyond its deadline, and is pinged once for all of them', async () => {
    await openNode({ connectTimeoutMs: 60 }).ready();
    fake.onCall = () => undefined;
    const before = systemClock.now();
    const calls = Array.from({ length: 200 }, (_, index) =>
      node.call('echo', [], 20 + (index % 20)).then(
        () => 'answered',
        (error: unknown) => error,
      ),
    );
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
    }
    expect(systemClock.now() - before).toBeLessThan(1000);
    await vi.waitFor(() => expect(fake.pings).toBe(1), { interval: 1 });
    // It answers pings, so it is not dead.
    expect(node.node.phase).toEqual({ phase: 'ready', epoch: 1 });
  });

  test('that has sent anything since the call was made is not even pinged', async () => {
    await openNode().ready();
    const { onCall } = fake;
    fake.onCall = (request, peer) => {
      if (request.fn !== 'slow') onCall(request, peer);
    };
    const slow = expect(node.call('slow', [], 40)).rejects.toMatchObject({ code: 'TIMEOUT' });
    await node.call('echo');
    await slow;
    // Whatever had been sent with it would have come by now.
    await node.call('echo');
    expect(fake.pings).toBe(0);
  });
});

describe('a request', () => {
  test('carries integers of up to 53 bits as integers, and fractions as doubles', async () => {
    await openNode().ready();
    const numbers = [2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0.5, 2 ** 60];
    await node.call('echo', [numbers, { id: 2 ** 40 }]);
    expect(fake.calls[0]?.args).toEqual([
      [2 ** 31 - 1, 2n ** 31n, 2n ** 53n - 1n, 1n - 2n ** 53n, 0.5, 2 ** 60],
      new Map([['id', 2n ** 40n]]),
    ]);
    expect(fake.calls[0]?.bytes.toString('hex')).toContain('d3001fffffffffffff');
  });

  test('that cannot be encoded is not sent, and says so', async () => {
    await openNode().ready();
    await expect(node.call('echo', [Symbol('x')])).rejects.toMatchObject({
      code: 'NODE_FAILURE',
      outcome: 'not-applied',
      message: expect.stringContaining('Not sent: '),
    });
    expect(fake.calls).toHaveLength(0);
    expect(await node.call('echo', [1])).toEqual({ status: 'ok', args: [1] });
  });
});

describe('an owner', () => {
  test('may call or stop the node from within what it is told', async () => {
    const replies: Promise<unknown>[] = [];
    openNode({
      onPhase: ({ phase }) => {
        if (phase === 'ready') replies.push(node.call('echo', ['at once']));
        if (phase === 'waiting') node.node.stop();
      },
    });
    await node.ready();
    expect(await replies[0]).toEqual({ status: 'ok', args: ['at once'] });
    fake.peer.socket.destroy();
    expect(await node.until('stopped')).toEqual({ phase: 'stopped' });
    expect(node.phases.map(({ phase }) => phase)).toEqual(['connecting', 'ready', 'waiting', 'stopped']);
  });

  test('may start and stop the node as often as it likes, and nothing is left', async () => {
    openNode();
    for (let round = 1; round <= 20; round++) {
      const from = node.phases.length;
      node.node.start();
      node.node.start();
      expect(await node.until('ready', from)).toEqual({ phase: 'ready', epoch: round });
      node.node.stop();
    }
    await vi.waitFor(() => expect(fake.openSockets).toBe(0), { interval: 5 });
    expect(fake.logins).toBe(20);
  });

  test('who gives an empty password is told at once, for the driver would log in as guest', () => {
    node = new NodeUnderTest({ port: fake.port });
    expect(() => new NodeUnderTest({ port: fake.port, password: '' })).toThrow(
      'The password of user gateway is empty',
    );
  });
});
