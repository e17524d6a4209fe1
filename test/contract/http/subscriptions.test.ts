import { createClient, type Client, type FormattedExecutionResult } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openAcknowledged } from './raw-socket.js';

let gateway: GatewayUnderTest;
let client: Client;
beforeEach(async () => {
  gateway = await startGateway();
  client = createClient({ url: gateway.socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
});
afterEach(async () => {
  await client.dispose();
  await gateway.stop();
});

const leadership = 'subscription { leadershipChanged { sequence kind term leader { name } } }';

/** The next event: the value of its only field. */
async function next(
  events: AsyncIterator<FormattedExecutionResult<Record<string, unknown>, unknown>>,
): Promise<unknown> {
  const { value, done } = await events.next();
  if (done === true) throw new Error('The subscription has ended');
  expect(value.errors).toBeUndefined();
  return Object.values(value.data ?? {})[0];
}

describe('leadershipChanged', () => {
  test('tells how things stand, then every change, in order', async () => {
    const events = client.iterate({ query: leadership });
    expect(await next(events)).toEqual({
      sequence: 0,
      kind: 'CURRENT',
      term: 1,
      leader: { name: 'instance001' },
    });
    gateway.replicaSet.loseLeader();
    gateway.replicaSet.elect('instance002');
    expect(await next(events)).toEqual({ sequence: 1, kind: 'LOST', term: 1, leader: null });
    expect(await next(events)).toEqual({
      sequence: 2,
      kind: 'ELECTED',
      term: 2,
      leader: { name: 'instance002' },
    });
    for (const [index, name] of ['instance003', 'instance001', 'instance003'].entries()) {
      gateway.replicaSet.elect(name);
      expect(await next(events)).toMatchObject({ sequence: index + 3, leader: { name } });
    }
  });

  test('shows the whole of both leaders', async () => {
    const events = client.iterate({
      query: `subscription {
        leadershipChanged {
          at leaderlessMs
          leader { name uri role writable lsn }
          previousLeader { name role writable }
        }
      }`,
    });
    await next(events);
    gateway.replicaSet.observeNode('instance001', { reach: 'unreachable' });
    gateway.replicaSet.observeNode('instance002', {}, { role: 'leader', writable: true });
    gateway.replicaSet.elect('instance002', { leaderlessMs: 12 });
    expect(await next(events)).toEqual({
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      leaderlessMs: 12,
      leader: { name: 'instance002', uri: '127.0.0.1:3302', role: 'LEADER', writable: true, lsn: 100 },
      previousLeader: { name: 'instance001', role: 'UNREACHABLE', writable: false },
    });
  });

  test('gives a client that reads nothing the newest state when it reads again, not a backlog', async () => {
    const socket = await openAcknowledged(gateway.socketUrl);
    // Events large enough to fill the buffers between the two: one alias is one more copy.
    const copies = Array.from(
      { length: 300 },
      (_, index) => `c${index}: leader { name uri version lastSeenAt }`,
    );
    socket.send({
      id: '1',
      type: 'subscribe',
      payload: { query: `subscription { leadershipChanged { sequence ${copies.join(' ')} } }` },
    });
    await socket.next();
    socket.pause();
    const changes = 2_000;
    for (let change = 1; change <= changes; change += 1) {
      gateway.replicaSet.elect(change % 2 === 0 ? 'instance001' : 'instance002');
      // One turn of the event loop: a client that keeps up would be sent each of them.
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.resume();
    const sequences: number[] = [];
    while (sequences.at(-1) !== changes) {
      const message = JSON.stringify(await socket.next());
      sequences.push(Number(message.match(/(?<="sequence":)\d+/)?.[0]));
    }
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
    expect(sequences.length).toBeLessThan(changes / 2);
    socket.close();
    await socket.closed;
  });
});

describe('topologyChanged', () => {
  test('tells how things stand, then what changed', async () => {
    const events = client.iterate({ query: 'subscription { topologyChanged { nodes { name role } } }' });
    await next(events);
    gateway.replicaSet.observeNode('instance002', {}, { lsn: 101 });
    gateway.replicaSet.observeNode('instance003', { reach: 'unreachable' });
    expect(await next(events)).toMatchObject({ nodes: [{}, { role: 'FOLLOWER' }, { role: 'UNREACHABLE' }] });
  });
});

async function noListenerIsLeft(): Promise<void> {
  await vi.waitFor(() => expect(gateway.replicaSet.listenerCount).toBe(0));
}

describe('no listener is left behind', () => {
  test('by a client that unsubscribes', async () => {
    const events = client.iterate({ query: leadership });
    await next(events);
    expect(gateway.replicaSet.listenerCount).toBe(1);
    await events.return?.();
    await noListenerIsLeft();
  });

  test('by a socket that closes, with all that it had subscribed to', async () => {
    const socket = await openAcknowledged(gateway.socketUrl);
    for (const [id, field] of ['leadershipChanged', 'topologyChanged', 'leadershipChanged'].entries()) {
      socket.send({
        id: String(id),
        type: 'subscribe',
        payload: { query: `subscription { ${field} { term } }` },
      });
      await socket.next();
    }
    expect(gateway.replicaSet.listenerCount).toBe(2);
    socket.close();
    await noListenerIsLeft();
  });

  test('by a client that vanishes', async () => {
    const vanishing = createClient({ url: gateway.socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    const events = vanishing.iterate({ query: leadership });
    await next(events);
    const failed = expect(events.next()).rejects.toThrow();
    vanishing.terminate();
    await failed;
    await noListenerIsLeft();
  });

  test('by a socket that closes while its subscription begins', async () => {
    const socket = await openAcknowledged(gateway.socketUrl);
    socket.send({ id: '1', type: 'subscribe', payload: { query: leadership } });
    socket.close();
    await socket.closed;
    await noListenerIsLeft();
  });
});
