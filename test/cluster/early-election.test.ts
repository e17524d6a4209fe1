import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { Load } from '../support/load.js';
import { expectNothingLost, waitForReplication } from '../support/replication.js';

/*
 * A follower gives up a silent leader after four heartbeats, here eight seconds. These tests have less patience: they
 * pass only if nobody waits for that.
 */
const timeoutSeconds = 2;
const cluster = useCluster({
  adjust: (config) => {
    const replication = { timeout: timeoutSeconds, election_timeout: timeoutSeconds };
    config['replication'] = { ...Object(config['replication']), ...replication };
  },
});

/** Holds up the end of a process that was sent SIGTERM, when all else is done, until `file` is there. */
const holdUp = `
  local fiber, fio, file = require('fiber'), require('fio'), ...
  for _, trigger in ipairs(box.ctl.on_shutdown()) do
      box.ctl.on_shutdown(function()
          trigger()
          -- Tarantool 3 has no patience beyond three seconds.
          local deadline = fiber.clock() + 2.5
          while not fio.path.exists(file) and fiber.clock() < deadline do
              fiber.sleep(0.01)
          end
      end, trigger)
  end
`;

test('a leader that is asked to stop has another one elected before it is gone', async () => {
  // Nodes that found each other late at the start try again every `timeout`.
  await waitForReplication(cluster());
  const leader = await cluster().waitForLeader();
  const { term } = await cluster().status(leader);
  const file = join(cluster().directory, 'may-go');
  await cluster().evaluate(leader, holdUp, file);
  cluster().process(leader).signal('SIGTERM');
  const next = await cluster().waitForLeader({ not: leader });
  expect(cluster().process(leader).hasExited()).toBe(false);
  expect((await cluster().status(next)).term).toBeGreaterThan(term);
  await writeFile(file, '');
  await cluster().process(leader).exited;
  await cluster().restart(leader);
});

test('the death of the leader’s process is answered by an election long before its heartbeats have run out', async () => {
  await waitForReplication(cluster());
  const leader = await cluster().waitForLeader();
  const { term } = await cluster().status(leader);
  await cluster().kill(leader);
  const next = await cluster().waitForLeader({ timeoutMs: 2 * timeoutSeconds * 1000 });
  expect((await cluster().status(next)).term).toBeGreaterThan(term);
});

/** How often a node has stood for election, by its log: Tarantool 3. */
async function candidaciesOf(name: string): Promise<number> {
  const log = await readFile(join(cluster().directory, 'data', name, 'node.log'), 'utf8');
  return log.split('enter candidate state').length - 1;
}

/** Makes a node slow at applying rows, while it still answers calls. */
const applySlowly = `
  local clock = require('clock')
  local function spin()
      local deadline = clock.monotonic() + 0.002
      while clock.monotonic() < deadline do end
  end
  box.space.requests:on_replace(spin)
`;

test('a voter that is behind its rows when the leader dies votes, and does not stand against the candidate', async ({
  skip,
}) => {
  skip(
    cluster().tarantool.engine !== 'tarantool3',
    'Tarantool 2.6 asks for votes on connections of their own',
  );
  await cluster().restart(...cluster().names);
  await waitForReplication(cluster());
  const load = Load.start(cluster(), { writers: 32 });
  for (let round = 1; round <= 5; round += 1) {
    const leader = await cluster().waitForLeader();
    await load.waitForProgress(200);
    // The last by name: on a tie the other one goes first.
    const slow = cluster().names.findLast((name) => name !== leader) ?? '';
    const before = await candidaciesOf(slow);
    await cluster().evaluate(slow, applySlowly);
    await load.waitForProgress(300);
    await cluster().kill(leader);
    const next = await cluster().waitForLeader();
    expect({ next, candidacies: (await candidaciesOf(slow)) - before }).toEqual({
      next: cluster().names.find((name) => name !== leader && name !== slow),
      candidacies: 0,
    });
    await cluster().restart(leader);
    await waitFor(`${leader} follows`, async () => (await cluster().status(leader)).leader === next);
    await cluster().evaluate(slow, 'box.space.requests:on_replace(nil, box.space.requests:on_replace()[1])');
  }
  await load.stop();
  await expectNothingLost(cluster(), load.ledger);
});

test('a leader that was frozen for less than an election takes leads on in its term', async ({ skip }) => {
  skip(
    cluster().tarantool.engine === 'tarantool3',
    'Tarantool 3 fences a leader after two heartbeats for good',
  );
  await cluster().restart(...cluster().names);
  await waitForReplication(cluster());
  const leader = await cluster().waitForLeader();
  const { term } = await cluster().status(leader);
  await cluster().freeze(leader);
  // Longer than its lease, two heartbeats; shorter than the four after which the others give it up.
  await delay(3 * timeoutSeconds * 1000 - 500);
  cluster().thaw(leader);
  await waitFor('it may write again', async () => (await cluster().status(leader)).writable);
  expect(await cluster().status(leader)).toMatchObject({ role: 'leader', term });
  expect(await cluster().waitForLeader()).toBe(leader);
});
