import { expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { Load } from '../support/load.js';
import { expectNothingLost, waitForReplication } from '../support/replication.js';
import { waitFor } from '../../src/trial/wait-for.js';

const cluster = useCluster();

/*
 * What makes a node do this, a race within Tarantool, comes about once in some thirty freezes of a loaded leader. What it
 * does then is tried here.
 */
const mend = `require('fiber').new(require('replicaset.confused_queue').mend, 'told so by a test')`;

test('a node that takes no rows from the leader any more starts again in its place, once in a term', async ({
  skip,
}) => {
  skip(cluster().tarantool.engine === 'tarantool2', 'Tarantool 2.6 has no such queue');
  const leader = await cluster().waitForLeader();
  await waitForReplication(cluster());
  const [follower = ''] = cluster().names.filter((name) => name !== leader);
  const load = Load.start(cluster());
  await load.waitForProgress(100);

  const { bootId } = await cluster().status(follower);
  await cluster().evaluate(follower, mend);
  await waitFor('it has started again', async () => (await cluster().status(follower)).bootId !== bootId);
  expect(cluster().process(follower).hasExited()).toBe(false);
  await load.waitForProgress(100);
  await waitFor('it follows', async () => (await cluster().status(follower)).leader === leader);

  const again = (await cluster().status(follower)).bootId;
  await cluster().evaluate(follower, mend);
  await waitFor('it has said why not', async () =>
    (await cluster().readLogs()).includes('Replication from the leader has stopped for good'),
  );
  expect((await cluster().status(follower)).bootId).toBe(again);
  await load.stop();
  await expectNothingLost(cluster(), load.ledger);
});
