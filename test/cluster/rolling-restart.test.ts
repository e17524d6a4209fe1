import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { GraphQLClient } from '../../src/trial/graphql-client.js';
import { useCluster } from '../support/cluster.js';
import { GatewayProcess } from '../support/gateway-process.js';
import { build } from '../support/launched.js';
import { waitForLinks, waitForReplication } from '../support/replication.js';
import { Writers } from '../support/writers.js';

/* What docs/operations.md says of changes without a stop, on real processes, with clients that write all the time. */

const cluster = useCluster();
let first: GatewayProcess;
let second: GatewayProcess;
let running: Writers[] = [];

beforeAll(async () => {
  await build();
  const { path } = cluster().definition;
  [first, second] = await Promise.all([GatewayProcess.start(path), GatewayProcess.start(path)]);
});
afterEach(async () => {
  for (const writers of running) await writers.stop();
  running = [];
});
afterAll(() => Promise.all([first?.end('SIGKILL'), second?.end('SIGKILL')]));

function write(name: string, ...gateways: readonly GatewayProcess[]): Writers {
  const writers = new Writers(
    name,
    gateways.map(({ url }) => url),
  );
  running.push(writers);
  return writers;
}

async function expectAllThere(...all: readonly Writers[]): Promise<void> {
  for (const writers of all) await writers.stop();
  await waitForReplication(cluster());
  for (const writers of all) await writers.expectAllThere(cluster().names, second.url);
}

/** As an operator hands leadership over: by a mutation. */
async function transferLeadership(to: string): Promise<void> {
  const client = new GraphQLClient(first.url);
  const query = 'mutation ($to: String!) { transferLeadership(to: $to) { leader { name } } }';
  expect(await client.ask({ query, variables: { to } })).toMatchObject({
    data: { transferLeadership: { leader: { name: to } } },
  });
}

async function restartNode(name: string): Promise<void> {
  await cluster().kill(name, 'SIGTERM');
  await cluster().restart(name);
  await waitForLinks(cluster());
}

test('a rolling restart of all nodes, the leader last and after a transfer, fails no request', async () => {
  const writers = write('During a rolling restart', first);
  await writers.waitForProgress();
  const before = await Promise.all(cluster().names.map((name) => cluster().status(name)));
  const leader = await cluster().waitForLeader();
  const followers = cluster().names.filter((name) => name !== leader);
  for (const name of followers) {
    await restartNode(name);
    await writers.waitForProgress();
  }
  await transferLeadership(followers[0] ?? '');
  await restartNode(leader);
  await writers.waitForProgress();
  await expectAllThere(writers);
  const after = await Promise.all(cluster().names.map((name) => cluster().status(name)));
  expect(after.filter(({ bootId }, index) => bootId === before[index]?.bootId)).toEqual([]);
});

test('a rolling restart of both gateways loses nothing of a client that repeats on the other', async () => {
  const writers = write('While gateways are restarted', first, second);
  const others = write('While the other gateway is restarted', second);
  await writers.waitForProgress();
  expect(await first.end('SIGTERM')).toBe(0);
  await writers.waitForProgress();
  await first.restart();
  await others.stop();
  await writers.waitForProgress();
  expect(await second.end('SIGTERM')).toBe(0);
  await writers.waitForProgress();
  await second.restart();
  expect(writers.repeated).toBeGreaterThan(0);
  await expectAllThere(writers, others);
});

test('a gateway that is killed is not noticed by clients of the other, and costs those that repeat there nothing', async () => {
  const killed = write('Clients of the killed gateway', first, second);
  const others = write('Clients of the other gateway', second);
  await Promise.all([killed.waitForProgress(), others.waitForProgress()]);
  expect(await first.end('SIGKILL')).toBe('SIGKILL');
  await Promise.all([killed.waitForProgress(), others.waitForProgress()]);
  expect(killed.repeated).toBeGreaterThan(0);
  await expectAllThere(killed, others);
});
