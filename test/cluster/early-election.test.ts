import { expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { waitForReplication } from '../support/replication.js';

const timeoutSeconds = 2;
const cluster = useCluster({
  adjust: (config) => {
    const replication = { timeout: timeoutSeconds, election_timeout: timeoutSeconds };
    config['replication'] = { ...Object(config['replication']), ...replication };
  },
});

test('the death of the leader’s process is answered by an election, long before its heartbeats have run out', async () => {
  // Nodes that found each other late at the start try again every `timeout`.
  await waitForReplication(cluster());
  const leader = await cluster().waitForLeader();
  const { term } = await cluster().status(leader);
  await cluster().kill(leader);
  // Half of what four heartbeats take, and as patient as a busy machine may need.
  const next = await cluster().waitForLeader({ timeoutMs: 2 * timeoutSeconds * 1000 });
  expect((await cluster().status(next)).term).toBeGreaterThan(term);
});
