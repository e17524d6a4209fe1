import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type LeadershipChange, watchLeadership } from '../../../examples/clients/leadership.js';
import { createSocketClient } from '../../../examples/clients/socket.js';
import { LinkProxy } from '../../../src/trial/link-proxy.js';
import { waitFor } from '../../../src/trial/wait-for.js';
import { type GatewayUnderTest, startGateway } from '../http/gateway-under-test.js';

let gateway: GatewayUnderTest;
let link: LinkProxy;
let client: Client;
/** What the listener was told, as `kind term leader`. */
let told: string[];
let listening: Promise<void>;

const portOf = ({ url }: GatewayUnderTest) => Number(new URL(url).port);
const text = ({ kind, term, leader }: LeadershipChange) => `${kind} ${term} ${leader?.name ?? 'nobody'}`;

beforeEach(async () => {
  gateway = await startGateway();
  link = new LinkProxy({
    from: 'listener',
    to: 'gateway',
    port: 0,
    target: { host: '127.0.0.1', port: portOf(gateway) },
    carries: 'bytes',
  });
  await link.admit();
  client = createSocketClient(`ws://127.0.0.1:${link.port}/graphql`, { webSocketImpl: WebSocket });
  told = [];
  listening = listen(told);
  await waitFor('the listener is told how things stand', () => told.length === 1);
});

afterEach(async () => {
  await client.dispose();
  await listening;
  link.stop();
  await gateway.stop();
});

async function listen(into: string[]): Promise<void> {
  for await (const change of watchLeadership(client)) into.push(text(change));
}

/** The link is cut while something happens; resolves when the gateway has the listener again. */
async function whileCut(happens: () => Promise<void> | void): Promise<void> {
  link.refuse();
  await waitFor('the gateway has lost its listener', () => gateway.replicaSet.listenerCount === 0);
  let refusals = 0;
  const leave = client.on('error', () => {
    refusals += 1;
  });
  await happens();
  await waitFor('the listener was refused', () => refusals > 0);
  leave();
  await link.admit();
  await waitFor('the listener is back', () => gateway.replicaSet.listenerCount > 0);
}

/** A change that is told last: what should have been told before it has been, or never will be. */
async function markEnd(): Promise<void> {
  gateway.replicaSet.elect('instance003');
  const last = `ELECTED ${gateway.replicaSet.view.term} instance003`;
  await waitFor(`${last} is told`, () => told.at(-1) === last);
}

async function restartGateway(settle: (replicaSet: GatewayUnderTest['replicaSet']) => void): Promise<void> {
  const port = portOf(gateway);
  await gateway.stop();
  gateway = await startGateway({ settings: { port } });
  settle(gateway.replicaSet);
}

describe('watchLeadership', () => {
  test('delivers what happened while the connection was lost, once and in order', async () => {
    gateway.replicaSet.elect('instance002');
    await waitFor('the first election is told', () => told.length === 2);
    await whileCut(() => {
      gateway.replicaSet.loseLeader();
      gateway.replicaSet.elect('instance001');
      gateway.replicaSet.loseLeader();
    });
    await markEnd();
    expect(told).toEqual([
      'CURRENT 1 instance001',
      'ELECTED 2 instance002',
      'LOST 2 nobody',
      'ELECTED 3 instance001',
      'LOST 3 nobody',
      'ELECTED 4 instance003',
    ]);
  });

  test('says nothing of a connection that was lost while nothing happened', async () => {
    await whileCut(() => undefined);
    await whileCut(() => undefined);
    await markEnd();
    expect(told).toEqual(['CURRENT 1 instance001', 'ELECTED 2 instance003']);
  });

  test('tells a loss and a return within one term, which look as if nothing had happened', async () => {
    gateway.replicaSet.elect('instance002');
    await waitFor('the first election is told', () => told.length === 2);
    await whileCut(() => {
      gateway.replicaSet.loseLeader();
      gateway.replicaSet.observe({ term: 1 });
      gateway.replicaSet.elect('instance002');
    });
    await markEnd();
    expect(told.slice(1)).toEqual([
      'ELECTED 2 instance002',
      'LOST 2 nobody',
      'ELECTED 2 instance002',
      'ELECTED 3 instance003',
    ]);
  });

  test('repeats nothing when a gateway that was started anew counts from 1 again', async () => {
    gateway.replicaSet.elect('instance002');
    gateway.replicaSet.elect('instance001');
    await waitFor('both elections are told', () => told.length === 3);
    await whileCut(() =>
      restartGateway((replicaSet) => {
        replicaSet.observe({ term: 2 });
        replicaSet.elect('instance001');
        replicaSet.loseLeader();
        replicaSet.elect('instance002');
      }),
    );
    await markEnd();
    expect(told).toEqual([
      'CURRENT 1 instance001',
      'ELECTED 2 instance002',
      'ELECTED 3 instance001',
      'LOST 3 nobody',
      'ELECTED 4 instance002',
      'ELECTED 5 instance003',
    ]);
  });

  test('tells how things stand when they changed and no gateway was there to see it', async () => {
    await whileCut(() =>
      restartGateway((replicaSet) => replicaSet.observe({ term: 7, leader: 'instance002' })),
    );
    await markEnd();
    expect(told).toEqual(['CURRENT 1 instance001', 'CURRENT 7 instance002', 'ELECTED 8 instance003']);
  });

  test('never goes back to what a gateway believes that is behind', async () => {
    gateway.replicaSet.observe({ term: 8 });
    gateway.replicaSet.elect('instance002');
    await waitFor('the election is told', () => told.length === 2);
    await whileCut(() => restartGateway((replicaSet) => replicaSet.observe({ term: 4 })));
    gateway.replicaSet.elect('instance001');
    gateway.replicaSet.observe({ term: 8 });
    gateway.replicaSet.elect('instance002');
    await markEnd();
    expect(told).toEqual(['CURRENT 1 instance001', 'ELECTED 9 instance002', 'ELECTED 10 instance003']);
  });
});
