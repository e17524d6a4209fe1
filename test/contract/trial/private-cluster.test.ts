import { afterEach, expect, test } from 'vitest';
import { PrivateCluster } from '../../../src/trial/private-cluster.js';
import { waitFor } from '../../../src/trial/wait-for.js';
import { findTestTarantool } from '../../support/tarantool.js';

let cluster: PrivateCluster | null = null;
afterEach(() => cluster?.stop());

const start = async (): Promise<PrivateCluster> => {
  cluster = await PrivateCluster.start({ tarantool: await findTestTarantool(), links: 'proxied' });
  return cluster;
};

/** The streams between the nodes that are not as they should be. */
async function badStreams(of: PrivateCluster): Promise<readonly string[]> {
  const words = await Promise.all(of.names.map((name) => of.status(name)));
  return words.flatMap(({ name, replication }) =>
    replication
      .filter(({ upstream, downstream }) => upstream?.status !== 'follow' || downstream?.status !== 'follow')
      .map(({ peer }) => `${name} and ${peer}`),
  );
}

test('the nodes talk through the proxies: a leader whose cables are cut is replaced, though all can be reached', async () => {
  const of = await start();
  const leader = await of.waitForLeader();
  const peers = of.names.filter((name) => name !== leader);
  await waitFor('every stream follows', async () => (await badStreams(of)).length === 0);
  await Promise.all(peers.map((peer) => of.links.cut(leader, peer)));
  const next = await of.waitForLeader({ not: leader });
  expect(peers).toContain(next);
  await waitFor(`${leader} knows`, async () => !(await of.status(leader)).writable);
  of.links.healAll();
  await waitFor('every stream follows again', async () => (await badStreams(of)).length === 0, {
    timeoutMs: 30_000,
  });
});

test('the links to a node whose process is killed refuse, so that its peers elect at once, and serve it when it is back', async () => {
  const of = await start();
  const leader = await of.waitForLeader();
  await waitFor('every stream follows', async () => (await badStreams(of)).length === 0);
  await of.kill(leader);
  const killedAt = performance.now();
  await of.waitForLeader({ not: leader });
  // Four heartbeats of a quarter of a second are a second: nobody waited for them.
  expect(performance.now() - killedAt).toBeLessThan(1_000);
  await of.restart(leader);
  await waitFor('every stream follows again', async () => (await badStreams(of)).length === 0, {
    timeoutMs: 30_000,
  });
});

test('the links to a node that begins anew in its own process serve it again', async ({ skip }) => {
  const of = await start();
  skip(of.tarantool.engine === 'tarantool3', 'Only Tarantool 2.6 has to begin anew');
  const leader = await of.waitForLeader();
  await waitFor('every stream follows', async () => (await badStreams(of)).length === 0);
  const [follower = ''] = of.names.filter((name) => name !== leader);
  const { pid } = of.process(follower);
  const beginAnew = "require('fiber').new(function() require('tarantool2.restart').now('A test') end)";
  // The process used to abort one time in five: its threads met files that had been closed beneath them.
  for (let time = 1; time <= 10; time += 1) {
    const { bootId } = await waitFor('it answers', () => of.status(follower));
    // Its answer may be lost with it.
    await of.evaluate(follower, beginAnew).catch(() => undefined);
    await waitFor('it has begun anew', async () => (await of.status(follower)).bootId !== bootId);
  }
  await waitFor('every stream follows again', async () => (await badStreams(of)).length === 0, {
    timeoutMs: 30_000,
  });
  expect(of.process(follower).pid).toBe(pid);
});

test('a node that ends though nobody asked it to is remembered', async () => {
  const of = await start();
  const [asked = '', crashed = ''] = of.names;
  await of.kill(asked);
  process.kill(of.process(crashed).pid, 'SIGKILL');
  await of.process(crashed).exited;
  await waitFor('it is remembered', () => of.deaths.length > 0);
  expect(of.deaths).toEqual([`${crashed} ended with SIGKILL`]);
});
