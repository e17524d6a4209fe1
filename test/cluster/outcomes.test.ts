import { describe, expect, test } from 'vitest';
import { TestCluster, useCluster } from '../support/cluster.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { write, writeRequest } from '../support/writes.js';

/** A test cannot wait ten minutes. */
const keepForSeconds = 2;
const addition = (index: number, deadline: number) =>
  writeRequest('add', { rows: [[null, `Worker ${index}`, 'Worker', 1]] }, { deadline });
const settingsOfRole = (settings: object) => (config: Record<string, unknown>) => {
  config['roles_cfg'] = { 'roles.employees': settings };
};

describe('Outcomes of writes', () => {
  const cluster = useCluster({ adjust: settingsOfRole({ keep_outcomes_for: keepForSeconds }) });
  const kept = async (node: string) =>
    Number(await cluster().evaluate(node, 'return box.space.requests:len()'));

  test('are there for as long as they are kept, and are removed from every node then', async () => {
    const leader = await cluster().waitForLeader();
    const deadline = Date.now() + 1_000 * keepForSeconds;
    const requests = Array.from({ length: 1_000 }, (_, index) => addition(index, deadline));
    await Promise.all(requests.map((one) => write(cluster(), leader, one)));
    const long = addition(1_000, Date.now() + 60_000);
    const first = await write(cluster(), leader, long);
    expect(await kept(leader)).toBe(1_001);

    // What may still be asked for stays.
    await waitFor('the others are removed', async () => (await kept(leader)) === 1);
    expect(await write(cluster(), leader, long)).toEqual(first);
    for (const name of cluster().names) {
      await waitFor(`${name} has removed them`, async () => (await kept(name)) === 1);
    }
  });
});

test('The role takes only the settings that it has', async () => {
  for (const [settings, problem] of [
    [{ keep_outcomes: 5 }, 'has no setting keep_outcomes'],
    [{ keep_outcomes_for: 0 }, 'keep_outcomes_for must be a whole number from 1 on, not 0'],
  ] as const) {
    const cluster = await TestCluster.prepare({
      names: ['instance001'],
      adjust: settingsOfRole(settings),
    });
    try {
      await cluster.restart('instance001');
      expect(await cluster.process('instance001').exited).toMatchObject({ code: 1 });
      expect(await cluster.readLogs()).toContain(problem);
    } finally {
      await cluster.stop();
    }
  }
});
