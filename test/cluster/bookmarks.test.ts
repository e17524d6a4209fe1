import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import type { TarantoolNode } from '../../src/tarantool/node.js';
import { useCluster } from '../support/cluster.js';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { type NodeReadOptions, readSalary } from '../support/reads.js';
import { waitForReplication } from '../support/replication.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { write, writeRequest } from '../support/writes.js';

const timeoutMs = 10_000;
const connections: TarantoolNode[] = [];
afterEach(() => {
  for (const connection of connections.splice(0)) connection.stop();
});

describe('A follower that gets no rows', () => {
  const cluster = useCluster();
  let leader: string;
  let follower: string;
  let gateway: TestGateway;
  let sources: unknown;
  beforeEach(async () => {
    await waitForReplication(cluster());
    leader = await cluster().waitForLeader();
    follower = cluster().names.find((name) => name !== leader) ?? '';
    gateway = await startGateway(cluster());
    sources = await cluster().evaluate(
      follower,
      'local sources = box.cfg.replication box.cfg({replication = {}}) return sources',
    );
  });
  afterEach(async () => {
    await reconnect();
    await gateway.stop();
  });
  const reconnect = () => cluster().evaluate(follower, 'box.cfg({replication = ...})', sources);

  async function add(name: string) {
    const request = writeRequest('add', { rows: [[null, name, 'Worker', 1]] });
    const reply = Object(await write(cluster(), leader, request));
    const bookmark = { request_id: request.request_id, applied_at: reply.applied_at };
    return { id: reply.rows[0][0], bookmark };
  }

  test('says that it is behind, if it is asked for a write by its bookmark, and answers what it has if not', async () => {
    const { id, bookmark } = await add('Behind');
    const connection = await cluster().connect(follower);
    connections.push(connection);
    const read = (options: Partial<NodeReadOptions> = {}) =>
      readSalary(connection, id, { consistency: 'any', timeoutMs, ...options });
    expect(await read({ bookmark })).toEqual({ refused: 'BEHIND' });
    expect(await read()).toEqual({ salary: null });
    // A write that nobody knows is waited for as well: it may be on its way.
    const unknown = { request_id: randomUUID(), applied_at: Date.now() };
    expect(await read({ bookmark: unknown })).toEqual({ refused: 'BEHIND' });

    await reconnect();
    await waitFor('it has caught up', async () => 'salary' in (await read({ bookmark })));
    expect(await read({ bookmark })).toEqual({ salary: 1 });
  });

  test('is waited for if it is named, until it has the write', async () => {
    const bookmark = await addThroughGateway('Named');
    const reading = gateway.ask(
      `query ($read: ReadOptions) { employees(read: $read, filter: { name: { eq: "Named" } }) { nodes { name } } }`,
      { read: { node: follower, bookmark } },
    );
    await reconnect();
    expect(await reading).toEqual({ employees: { nodes: [{ name: 'Named' }] } });
  });

  test('is passed over if it is not: another replica answers, or the leader', async () => {
    for (const [turn, others] of [[0, 'there'] as const, [1, 'frozen'] as const]) {
      const third = cluster().names.find((name) => name !== leader && name !== follower) ?? '';
      const name = `Passed over ${turn}`;
      const bookmark = await addThroughGateway(name);
      if (others === 'frozen') await cluster().freeze(third);
      for (let time = 0; time < 4; time += 1) {
        const data = await gateway.ask(
          `query ($read: ReadOptions) { employees(read: $read, filter: { name: { eq: "${name}" } }) { totalCount } }`,
          { read: { consistency: 'REPLICA', bookmark } },
        );
        expect(data).toEqual({ employees: { totalCount: 1 } });
      }
      cluster().thaw(third);
    }
  });

  async function addThroughGateway(name: string): Promise<unknown> {
    const data = await gateway.ask(
      'mutation ($name: String!) { addEmployee(input: { name: $name, position: "P", salary: 1 }) { bookmark } }',
      { name },
    );
    return Object(data).addEmployee.bookmark;
  }
});

describe('A bookmark whose outcome has been removed', () => {
  const cluster = useCluster({
    adjust: (config) => {
      config['roles_cfg'] = { 'roles.employees': { keep_outcomes_for: 1 } };
    },
  });

  test('is of a write that every node has: nobody waits for it', async () => {
    const leader = await cluster().waitForLeader();
    const deadline = Date.now() + 1_000;
    const add = (name: string, until: number) =>
      write(
        cluster(),
        leader,
        writeRequest('add', { rows: [[null, name, 'Worker', 7]] }, { deadline: until }),
      );
    const request = writeRequest('add', { rows: [[9_000, 'Old', 'Worker', 7]] }, { deadline });
    const { applied_at } = Object(await write(cluster(), leader, request));
    const bookmark = { request_id: request.request_id, applied_at };
    const expectOnAll = async () => {
      for (const name of cluster().names) {
        const connection = await cluster().connect(name);
        connections.push(connection);
        const seen = await readSalary(connection, 9_000, { consistency: 'any', bookmark, timeoutMs });
        expect({ name, ...seen }).toEqual({ name, salary: 7 });
      }
    };
    await waitFor('nothing is left of any write', async () => {
      const left = cluster().names.map((name) => cluster().evaluate(name, 'return box.space.requests:len()'));
      return (await Promise.all(left)).every((count) => count === 0);
    });
    await expectOnAll();
    await add('Newer', Date.now() + 60_000);
    await waitForReplication(cluster());
    await expectOnAll();
  });
});
