import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { waitForReplication } from '../support/replication.js';

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
