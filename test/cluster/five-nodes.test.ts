import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { type TestGateway, startGateway } from '../support/gateway.js';
import { employeesOn, waitForReplication } from '../support/replication.js';
import { waitFor } from '../../src/trial/wait-for.js';

const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
const cluster = useCluster({ names });
let gateway: TestGateway;

beforeAll(async () => {
  // Less patient than usual: the test waits for what a client hears when its time is up.
  gateway = await startGateway(cluster(), { REQUEST_TIMEOUT_MS: '3000' });
});
afterAll(() => gateway?.stop());

interface Topology {
  readonly quorum: number;
  readonly writable: boolean;
  readonly leader: { readonly name: string } | null;
  readonly nodes: readonly { readonly name: string; readonly reachable: boolean }[];
}

async function topology(): Promise<Topology> {
  return Object(
    await gateway.ask('{ topology { quorum writable leader { name } nodes { name reachable } } }'),
  ).topology;
}

async function hire(name: string): Promise<void> {
  const input = { name, position: 'Worker', salary: 1 };
  await gateway.ask(
    'mutation ($input: AddEmployeeInput!) { addEmployee(input: $input) { employee { id } } }',
    {
      input,
    },
  );
}

async function employees(read: string): Promise<readonly string[]> {
  const { nodes } = Object(await gateway.ask(`{ employees(read: ${read}) { nodes { name } } }`)).employees;
  return nodes.map(({ name }: { name: string }) => name);
}

const leaderNow = () =>
  waitFor('somebody leads', async () => (await topology()).leader?.name, { timeoutMs: 30_000 });

/** The number that Tarantool calls a node by; and, by these numbers, the node that it takes for the leader. */
const ownId = 'return box.info.id';
const leaderId = `
  local election = box.info.election
  return election ~= nil and election.leader or nil
`;

test('S31: the leader is called by its name, whatever numbers the nodes have got', async () => {
  const leader = await cluster().waitForLeader();
  await waitForReplication(cluster());
  const ids = await Promise.all(names.map((name) => cluster().evaluate(name, ownId)));
  expect(new Set(ids).size).toBe(names.length);
  for (const name of names) {
    expect((await cluster().status(name)).leader).toBe(leader);
    if (cluster().tarantool.engine === 'tarantool3') {
      expect(await cluster().evaluate(name, leaderId)).toBe(ids[names.indexOf(leader)]);
    }
  }
});

describe('Five nodes of other names, on other ports', () => {
  let dead: string[] = [];
  const alive = () => names.filter((name) => !dead.includes(name));

  async function kill(...victims: readonly string[]): Promise<void> {
    dead = [...dead, ...victims];
    await Promise.all(victims.map((name) => cluster().kill(name)));
  }

  test('are found in the configuration: three of them decide', async () => {
    await waitForReplication(cluster());
    const seen = await waitFor('all are seen', async () => {
      const now = await topology();
      return now.nodes.every(({ reachable }) => reachable) ? now : null;
    });
    expect(seen.nodes.map(({ name }) => name)).toEqual(names);
    expect(seen).toMatchObject({ quorum: 3, writable: true, leader: { name: expect.toBeOneOf(names) } });
    await hire('While five live');
  });

  test('go on when two are dead, the leader among them', async () => {
    const leader = await leaderNow();
    const [other = ''] = alive().filter((name) => name !== leader);
    await kill(leader, other);
    await hire('While three live');
    expect(await leaderNow()).toBeOneOf(alive());
    expect(await employees('{}')).toEqual(['John Doe', 'Jane Smith', 'While five live', 'While three live']);
  });

  test('take no writes when a third is dead, and tell who asks; they still answer reads that say which node', async () => {
    const leader = await leaderNow();
    const [other = ''] = alive().filter((name) => name !== leader);
    await kill(other);
    await waitFor('nobody may write', async () => !(await topology()).writable);
    await expect(hire('While two live')).rejects.toMatchObject({ codes: ['CLUSTER_UNAVAILABLE'] });
    for (const name of alive()) {
      expect(await employees(`{ node: "${name}" }`)).toEqual([
        'John Doe',
        'Jane Smith',
        'While five live',
        'While three live',
      ]);
    }
  });

  test('all go on when the dead are back, and have lost nothing', async () => {
    await cluster().restart(...dead);
    await leaderNow();
    await hire('While all live again');
    await waitForReplication(cluster());
    for (const name of names) {
      expect((await employeesOn(cluster(), name)).map((employee) => employee.name)).toEqual([
        'John Doe',
        'Jane Smith',
        'While five live',
        'While three live',
        'While all live again',
      ]);
    }
  });
});
