import { expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { Load } from '../support/load.js';
import { expectNothingLost } from '../support/replication.js';
import { waitFor } from '../support/wait-for.js';

const cluster = useCluster();

test('ten kills of the leader in a row, under load, lose no acknowledged write, double none and break no replication', async () => {
  const load = Load.start(cluster());
  for (let kill = 1; kill <= 10; kill += 1) {
    const leader = await cluster().waitForLeader();
    await load.waitForProgress(100);
    const { term } = await cluster().status(leader);
    await cluster().kill(leader);
    // Whoever is back in time may vote, and be the next to die: nobody waits until all is well again.
    await cluster().restart(leader);
    const next = await cluster().waitForLeader();
    expect((await cluster().status(next)).term).toBeGreaterThan(term);
  }
  await load.waitForProgress(100);
  await load.stop();
  // What a write in flight at a kill is told, and why the ledger allows it two states.
  expect(load.ledger.counts.unknown).toBeGreaterThan(0);
  await expectNothingLost(cluster(), load.ledger);
});

test('what was reported as not applied, in an outage longer than the deadline of a write, is nowhere afterwards', async () => {
  const load = Load.start(cluster());
  await load.waitForProgress(100);
  const leader = await cluster().waitForLeader();
  const [survivor = ''] = cluster().names.filter((name) => name !== leader);
  await Promise.all(
    cluster()
      .names.filter((name) => name !== survivor)
      .map((name) => cluster().kill(name)),
  );
  await waitFor('writes are given up', () => load.ledger.counts['not-applied'] > 10);
  await cluster().restart(...cluster().names);
  await load.waitForProgress(100);
  await load.stop();
  await expectNothingLost(cluster(), load.ledger);
});
