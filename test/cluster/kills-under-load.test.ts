import { expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { Load } from '../support/load.js';
import { expectNothingLost } from '../support/replication.js';
import { waitFor } from '../../src/trial/wait-for.js';

const cluster = useCluster();

test.each([
  // Dead at once, with writes in every state.
  'SIGKILL',
  // Asked to stop, with the same on its hands.
  'SIGTERM',
] as const)(
  'ten leaders in a row, each ended by %s under load: no acknowledged write is lost, none doubled, and replication holds',
  async (signal) => {
    const load = Load.start(cluster());
    for (let end = 1; end <= 10; end += 1) {
      const leader = await cluster().waitForLeader();
      await load.waitForProgress(100);
      const { term } = await cluster().status(leader);
      await cluster().kill(leader, signal);
      // Whoever is back in time may vote, and be the next to die: nobody waits until all is well again.
      await cluster().restart(leader);
      const next = await cluster().waitForLeader();
      expect((await cluster().status(next)).term).toBeGreaterThan(term);
    }
    await load.waitForProgress(100);
    await load.stop();
    await expectNothingLost(cluster(), load.ledger);
  },
);

test.each([
  ['the leader', (leader: string) => leader],
  ['a follower', (leader: string) => cluster().names.find((name) => name !== leader) ?? ''],
])(
  'what was reported as not applied, while %s alone was alive for longer than a write may take, is nowhere afterwards',
  async (_, choose) => {
    const load = Load.start(cluster());
    await load.waitForProgress(100);
    const survivor = choose(await cluster().waitForLeader());
    const victims = cluster().names.filter((name) => name !== survivor);
    await Promise.all(victims.map((name) => cluster().kill(name)));
    await waitFor('writes are given up', () => load.ledger.counts['not-applied'] > 0);
    await cluster().restart(...victims);
    await load.waitForProgress(100);
    await load.stop();
    await expectNothingLost(cluster(), load.ledger);
  },
);
