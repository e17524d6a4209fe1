import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../../src/trial/wait-for.js';
import { useCluster } from '../support/cluster.js';
import { Load } from '../support/load.js';
import { expectNothingLost, waitForReplication } from '../support/replication.js';
import { openTestReplicaSet } from '../support/replica-set.js';

/*
 * The leader lives and a majority hears it, so whatever else happens nobody is elected. Elections are counted by the
 * term: each candidacy raises it, won or not, and sooner or later on every node. Clients write all the time.
 */
const cluster = useCluster({ links: 'proxied' });

let leader: string;
let follower: string;
let termBefore: number;
let load: Load;

const highestTerm = async () =>
  Math.max(
    ...(await Promise.all(cluster().names.map((name) => cluster().status(name)))).map(({ term }) => term),
  );

beforeEach(async () => {
  leader = await cluster().waitForLeader();
  follower = cluster().names.find((name) => name !== leader) ?? '';
  await waitForReplication(cluster());
  termBefore = await highestTerm();
  load = Load.start(cluster());
  await load.waitForProgress(50);
});

afterEach(async () => {
  await load.waitForProgress(200);
  await load.stop();
  cluster().links.healAll();
  await expectNothingLost(cluster(), load.ledger);
  expect({ elections: (await highestTerm()) - termBefore, leader: await cluster().leader() }).toEqual({
    elections: 0,
    leader,
  });
  expect(load.ledger.counts).toMatchObject({ 'not-applied': 0, unknown: 0 });
});

async function upstreamOf(name: string) {
  const { replication } = await cluster().status(name);
  return replication.find(({ peer }) => peer === leader)?.upstream;
}
const follows = async (name: string) => (await upstreamOf(name))?.status === 'follow';

/** Resolves when a follower has heard nothing of the leader for longer than the four heartbeats that it has patience for. */
async function waitForSilence(name: string): Promise<void> {
  const isSilent = async () => ((await upstreamOf(name))?.idleSeconds ?? 0) > 1.5;
  await waitFor(`${name} has given the leader up`, isSilent);
}

test('A follower whose cable to the leader is cut is silent for longer than four heartbeats, and comes back', async () => {
  await cluster().links.cut(follower, leader);
  await waitForSilence(follower);
  await load.waitForProgress(200);
  cluster().links.heal(follower, leader);
  await waitFor(`${follower} follows again`, () => follows(follower), { timeoutMs: 30_000 });
});

test('A follower whose connections to the leader are reset and refused takes it for dead: the other one does not', async () => {
  const link = cluster().links.get(follower, leader);
  link.refuse();
  await waitForSilence(follower);
  await load.waitForProgress(200);
  await link.admit();
  await waitFor(`${follower} follows again`, () => follows(follower), { timeoutMs: 30_000 });
});

test('S37: a gateway that is cut off from the leader sees nobody lead, and that is all', async () => {
  const { nodes } = cluster().gatewayDefinition;
  const replicaSet = openTestReplicaSet(cluster(), { nodes, maxWaitingRequests: 1 });
  replicaSet.start();
  try {
    await waitFor('the gateway sees the leader', () => replicaSet.view.leader === leader);
    await cluster().links.cut('gateway', leader);
    await waitFor('it sees it no more', () => replicaSet.view.leader === null);
    await load.waitForProgress(200);
    cluster().links.heal('gateway', leader);
    await waitFor('the gateway sees the leader again', () => replicaSet.view.leader === leader);
    expect(replicaSet.view.term).toBe(termBefore);
  } finally {
    await replicaSet.stop();
  }
});

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'A follower ended by %s and started again follows',
  async (signal) => {
    for (let round = 1; round <= 3; round += 1) {
      await cluster().kill(follower, signal);
      await load.waitForProgress(50);
      await cluster().restart(follower);
      await waitFor(`${follower} follows again`, () => follows(follower), { timeoutMs: 30_000 });
    }
  },
);

test('A leader that is busy for 0.3 s at a time, under load, is slow and not dead', async () => {
  const spin = `
    local clock = require('clock')
    local deadline = clock.monotonic() + 0.3
    while clock.monotonic() < deadline do end
  `;
  for (let round = 1; round <= 10; round += 1) {
    await cluster().evaluate(leader, spin);
    await load.waitForProgress(20);
  }
});
