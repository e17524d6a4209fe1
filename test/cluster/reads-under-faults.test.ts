import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { Load } from '../support/load.js';
import { Register } from '../support/register.js';
import { expectNothingLost, waitForReplication } from '../support/replication.js';

/*
 * Whatever dies, no reader is told less than what was acknowledged before it asked: not by a leader, not with a proof, and
 * not by a replica or a node that was given the bookmark.
 */
const cluster = useCluster();

/** Shorter than, about as long as, and longer than what an election takes. */
const freezesMs = [300, 700, 1_100, 2_000];

test('while all is well, hundreds of times on every node', async () => {
  const load = Load.start(cluster(), { writers: 4 });
  const register = await Register.start(cluster());
  await register.waitForAnswers(300);
  const { stale, answers } = await register.stop();
  await load.stop();
  expect(stale).toEqual([]);
  expect(answers.size).toBe(3 + cluster().names.length);
});

test('while leaders are killed and come back', async () => {
  const load = Load.start(cluster(), { writers: 2 });
  const register = await Register.start(cluster());
  for (let round = 0; round < 4; round += 1) {
    await register.waitForAnswers(30);
    const leader = await cluster().waitForLeader();
    await cluster().kill(leader);
    await register.waitForAnswers(30, { away: [leader] });
    await cluster().restart(leader);
    await waitForNode(leader);
  }
  const { stale } = await register.stop();
  await load.stop();
  expect(stale).toEqual([]);
  await expectNothingLost(cluster(), load.ledger);
});

test('while leaders freeze and wake', async () => {
  const load = Load.start(cluster(), { writers: 2 });
  const register = await Register.start(cluster());
  for (const freezeMs of freezesMs) {
    const leader = await cluster().waitForLeader();
    await cluster().freeze(leader);
    await delay(freezeMs);
    cluster().thaw(leader);
    await register.waitForAnswers(30);
  }
  const { stale } = await register.stop();
  await load.stop();
  expect(stale).toEqual([]);
  await waitForReplication(cluster());
});

/** Resolves when the node follows again. */
async function waitForNode(name: string): Promise<void> {
  const { leader } = await cluster()
    .status(name)
    .catch(() => ({ leader: null }));
  if (leader === null) {
    await delay(50);
    await waitForNode(name);
  }
}
