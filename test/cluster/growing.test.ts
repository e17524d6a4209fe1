import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GraphQLClient } from '../../src/trial/graphql-client.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { useCluster } from '../support/cluster.js';
import { GatewayProcess } from '../support/gateway-process.js';
import { build } from '../support/launched.js';
import { waitForLinks, waitForReplication } from '../support/replication.js';
import { Writers } from '../support/writers.js';

/* As docs/operations.md tells it: from three nodes to five, with clients that write all the time. */

const cluster = useCluster();
let gateway: GatewayProcess;
let client: GraphQLClient;

beforeAll(async () => {
  await build();
  gateway = await GatewayProcess.start(cluster().definition.path);
  client = new GraphQLClient(gateway.url);
});
afterAll(() => gateway?.end('SIGKILL'));

interface Topology {
  readonly quorum: number;
  readonly nodes: readonly { readonly name: string; readonly reachable: boolean }[];
}

async function topology(): Promise<Topology> {
  const answer = await client.ask({ query: '{ topology { quorum nodes { name reachable } } }' });
  return Object(answer).data.topology;
}

const reload = "require('config'):reload()";

/** Adds a node to config.yaml, starts it, and has the others read the file again. */
async function grow(name: string): Promise<void> {
  const others = cluster().names;
  await cluster().addNode(name);
  await cluster().restart(name);
  const hasJoined = async () => {
    // On Tarantool 3 it gives up when rows wait for their quorum at the very end: it begins anew, as docs/operations.md tells.
    if (cluster().process(name).hasExited()) {
      await cluster().wipe(name);
      await cluster().restart(name);
    }
    return (await cluster().status(name)).role === 'follower';
  };
  await waitFor(`${name} has joined`, hasJoined, { timeoutMs: 60_000 });
  for (const other of others) await cluster().evaluate(other, reload);
  await waitForLinks(cluster());
}

/** Stops a follower, takes it out of config.yaml, has the others read it again, and the leader forget the node. */
async function shrinkBy(name: string): Promise<void> {
  const id = await cluster().evaluate(name, 'return box.info.id');
  await cluster().kill(name, 'SIGTERM');
  await cluster().removeNode(name);
  for (const other of cluster().names) await cluster().evaluate(other, reload);
  await cluster().evaluate(await cluster().waitForLeader(), 'box.space._cluster:delete(...)', id);
  await waitForLinks(cluster());
}

test('the gateway follows from three nodes to five by itself, and no request fails', async () => {
  const writers = new Writers('While it grows', [gateway.url]);
  await writers.waitForProgress();
  for (const [name, quorum] of [
    ['instance004', 3],
    ['instance005', 3],
  ] as const) {
    await grow(name);
    const seen = await waitFor(`${name} is seen`, async () => {
      const now = await topology();
      return now.nodes.some((node) => node.name === name && node.reachable) ? now : null;
    });
    expect(seen).toMatchObject({ quorum, nodes: cluster().names.map((each) => ({ name: each })) });
    await writers.waitForProgress();
  }
  await writers.stop();
  await waitForReplication(cluster());
  await writers.expectAllThere(cluster().names, gateway.url);
});

test('three of the five decide now: two may die, the leader among them', async () => {
  const writers = new Writers('When two are dead', [gateway.url]);
  await writers.waitForProgress();
  const leader = await cluster().waitForLeader();
  const [other = ''] = cluster().names.filter((name) => name !== leader);
  await Promise.all([leader, other].map((name) => cluster().kill(name)));
  await writers.waitForProgress();
  await cluster().restart(leader, other);
  await writers.waitForProgress();
  await writers.stop();
  await waitForReplication(cluster());
  await writers.expectAllThere(cluster().names, gateway.url);
});

test('and back to three, two of which decide: one may die, the leader', async () => {
  const writers = new Writers('While it shrinks', [gateway.url]);
  await writers.waitForProgress();
  for (const left of [4, 3]) {
    const leader = await cluster().waitForLeader();
    await shrinkBy(cluster().names.find((name) => name !== leader) ?? '');
    gateway.signal('SIGHUP');
    await writers.waitForProgress();
    await waitFor(`${left} are seen`, async () => (await topology()).nodes.length === left);
  }
  expect(await topology()).toMatchObject({ quorum: 2 });
  const last = await cluster().waitForLeader();
  await cluster().kill(last);
  await writers.waitForProgress();
  await cluster().restart(last);
  await writers.stop();
  await waitForReplication(cluster());
  await writers.expectAllThere(cluster().names, gateway.url);
});

test('a file that cannot be used is told in the log, and changes nothing', async () => {
  const { path } = cluster().definition;
  const right = await readFile(path, 'utf8');
  await writeFile(path, right.replace('failover: election', 'failover: manual'));
  gateway.signal('SIGHUP');
  await gateway.waitForOutput(/replication\.failover must be .*The nodes stay as they were/);
  expect((await topology()).nodes).toHaveLength(3);
  await writeFile(path, right);
  gateway.signal('SIGHUP');
  await gateway.waitForOutput(/is in order again/);
});
