import { beforeEach, describe, expect, test } from 'vitest';
import type { NodeStatus } from '../../src/tarantool/node-status.js';
import { useCluster } from '../support/cluster.js';
import { Load } from '../support/load.js';
import { employeesOn, expectNothingLost, waitForReplication } from '../support/replication.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { add, write, writeRequest } from '../support/writes.js';

const cluster = useCluster();
let leader: string;
beforeEach(async () => {
  leader = await cluster().waitForLeader();
  await waitForReplication(cluster());
});

const others = (name: string) => cluster().names.filter((candidate) => candidate !== name);
const statuses = () => Promise.all(cluster().names.map((name) => cluster().status(name)));
const namesOn = async (node: string) => (await employeesOn(cluster(), node)).map(({ name }) => name);

const leads = ({ name }: NodeStatus) => name === leader;

describe('After a start', () => {
  test('one node leads and may write, and all know it', async () => {
    const words = await statuses();
    expect(words.map(({ role }) => role)).toEqual(words.map((word) => (leads(word) ? 'leader' : 'follower')));
    expect(words.map(({ writable }) => writable)).toEqual(words.map(leads));
    expect(new Set(words.map(({ leader: known, term }) => `${known} in ${term}`)).size).toBe(1);
  });
});

describe('When the leader is killed', () => {
  test('another one is elected in a higher term; the dead one comes back as a follower and gets what it missed', async () => {
    const { term } = await cluster().status(leader);
    await cluster().kill(leader);
    const next = await cluster().waitForLeader();
    expect(next).not.toBe(leader);
    expect((await cluster().status(next)).term).toBeGreaterThan(term);
    await add(cluster(), next, [[null, 'Written meanwhile', 'Worker', 1]]);
    await cluster().restart(leader);
    await waitForReplication(cluster());
    expect(await cluster().status(leader)).toMatchObject({ role: 'follower', writable: false, leader: next });
    expect(await namesOn(leader)).toContain('Written meanwhile');
  });

  test('and its data removed, it is filled again', async () => {
    await add(cluster(), leader, [[null, 'Written before', 'Worker', 1]]);
    await cluster().kill(leader);
    await cluster().wipe(leader);
    const next = await cluster().waitForLeader();
    await add(cluster(), next, [[null, 'Written after', 'Worker', 1]]);
    await cluster().restart(leader);
    await waitForReplication(cluster());
    expect(await namesOn(leader)).toEqual(expect.arrayContaining(['Written before', 'Written after']));
    expect(await cluster().status(leader)).toMatchObject({ role: 'follower', leader: next });
  });
});

/** Kills all others, and resolves when the survivor knows that it is alone. */
async function isolate(survivor: string): Promise<void> {
  await Promise.all(others(survivor).map((name) => cluster().kill(name)));
  await waitFor(`${survivor} gives up`, async () => {
    const { writable, role } = await cluster().status(survivor);
    return !writable && role !== 'leader';
  });
}

describe('When two of three are dead', () => {
  test.each([
    ['the leader', () => leader],
    ['a follower', () => others(leader)[0] ?? ''],
  ])(
    '%s that survives takes no writes, still answers reads, and leads or follows again when they are back',
    async (_, choose) => {
      const survivor = choose();
      const { term } = await cluster().status(leader);
      await add(cluster(), leader, [[null, `Before ${survivor} was alone`, 'Worker', 1]]);
      await isolate(survivor);

      const id = 1_000_000;
      const refused = write(
        cluster(),
        survivor,
        writeRequest('add', { rows: [[id, 'Refused', 'Worker', 1]] }),
      );
      await expect(refused).rejects.toMatchObject({ code: 'READ_ONLY', outcome: 'not-applied' });
      expect(await cluster().call(survivor, 'employees.get', [1, id])).toEqual({
        status: 'ok',
        rows: [[1, 'John Doe', 'Manager', 5000]],
      });

      await cluster().restart(...others(survivor));
      const next = await cluster().waitForLeader();
      expect((await cluster().status(next)).term).toBeGreaterThan(term);
      await add(cluster(), next, [[null, `After ${survivor} was alone`, 'Worker', 1]]);
      await waitForReplication(cluster());
      const names = await namesOn(survivor);
      expect(names).toEqual(
        expect.arrayContaining([`Before ${survivor} was alone`, `After ${survivor} was alone`]),
      );
      expect(names).not.toContain('Refused');
    },
  );
});

test('A node that has missed writes is not elected: one that has them is', async ({ skip }) => {
  skip(
    cluster().tarantool.engine === 'tarantool3',
    'Tarantool 3 compares logs by itself, and a node that starts alone waits for the others before it answers',
  );
  for (let round = 1; round <= 5; round += 1) {
    const first = await cluster().waitForLeader();
    const [late = '', other = ''] = others(first);
    await cluster().kill(late);
    await add(cluster(), first, [[null, `Missed by ${late} in round ${round}`, 'Worker', 1]]);
    await cluster().killAll();
    // It stands for election before the other one is there, and asks for its vote first.
    await cluster().restart(late);
    await waitFor(`${late} is there`, async () => (await cluster().status(late)).role !== 'leader');
    await cluster().restart(other);
    expect(await cluster().waitForLeader()).toBe(other);
    await cluster().restart(first);
    await waitForReplication(cluster());
    expect(await namesOn(late)).toContain(`Missed by ${late} in round ${round}`);
  }
});

describe('When all nodes die at once, under load', () => {
  test('and are started again, every acknowledged write is there', async () => {
    const load = Load.start(cluster());
    for (let death = 1; death <= 3; death += 1) {
      await load.waitForProgress(200);
      await cluster().killAll();
      await cluster().restart(...cluster().names);
    }
    await load.waitForProgress(200);
    await load.stop();
    await expectNothingLost(cluster(), load.ledger);
  });
});
