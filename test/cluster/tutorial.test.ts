import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { type TestGateway, startGateway } from '../support/gateway.js';
import { waitFor } from '../../src/trial/wait-for.js';

const cluster = useCluster();
let gateway: TestGateway;
let changes: readonly unknown[];
/** Who leads at first, and in whose place it comes back. */
let first: string;

beforeAll(async () => {
  gateway = await startGateway(cluster());
  first = await cluster().waitForLeader();
});
afterAll(() => gateway?.stop());

const johnAndJane = [
  { id: '1', name: 'John Doe', position: 'Manager', salary: 5000 },
  { id: '2', name: 'Jane Smith', position: 'Developer', salary: 4000 },
];
const ada = { id: '3', name: 'Ada Lovelace', position: 'Analyst', salary: 6000 };

/** The employees, as whoever is asked has them: `{node: "..."}`, `{consistency: REPLICA}`. */
async function employees(read = '{}'): Promise<unknown> {
  const data = await gateway.ask(`{ employees(read: ${read}) { nodes { id name position salary } } }`);
  return Object(data).employees.nodes;
}

interface Topology {
  readonly term: number;
  readonly leader: { readonly name: string } | null;
  readonly nodes: readonly {
    readonly name: string;
    readonly role: string;
    readonly reachable: boolean;
    readonly replication: readonly {
      readonly peer: string;
      readonly upstream: { readonly status: string } | null;
      readonly downstream: { readonly status: string } | null;
    }[];
  }[];
}

async function topology(): Promise<Topology> {
  const data = await gateway.ask(`{
    topology {
      term
      leader { name }
      nodes { name role reachable replication { peer upstream { status } downstream { status } } }
    }
  }`);
  return Object(data).topology;
}

/** Every link, as the tutorial has it: who sees whom, and how rows flow from there and to there. */
function links({ nodes }: Topology): readonly string[] {
  return nodes.flatMap(({ name, replication }) =>
    replication.map(
      ({ peer, upstream, downstream }) => `${name} ${peer} ${upstream?.status} ${downstream?.status}`,
    ),
  );
}

const roles = ({ nodes }: Topology) => Object.fromEntries(nodes.map(({ name, role }) => [name, role]));
const others = (name: string) => cluster().names.filter((candidate) => candidate !== name);

async function waitForTopology(what: string, holds: (seen: Topology) => boolean): Promise<Topology> {
  return waitFor(what, async () => {
    const seen = await topology();
    return holds(seen) ? seen : null;
  });
}

describe('The story of the tutorial', () => {
  test('the two sample employees are there, and one more is added', async () => {
    expect(await employees()).toEqual(johnAndJane);
    const added = await gateway.ask(
      `mutation ($input: AddEmployeeInput!) {
        addEmployee(input: $input) { employee { id name position salary } }
      }`,
      { input: { name: ada.name, position: ada.position, salary: ada.salary } },
    );
    expect(added).toEqual({ addEmployee: { employee: ada } });
    expect(await employees()).toEqual([...johnAndJane, ada]);
  });

  test('one node leads, the others follow, and rows flow both ways between each two', async () => {
    const pairs = cluster().names.flatMap((name) =>
      others(name).map((peer) => `${name} ${peer} follow follow`),
    );
    const seen = await waitForTopology('every link follows', (now) => links(now).join() === pairs.join());
    expect(seen.leader?.name).toBe(first);
    expect(roles(seen)).toEqual({
      [first]: 'LEADER',
      ...Object.fromEntries(others(first).map((name) => [name, 'FOLLOWER'])),
    });
  });

  test('who listens hears who leads; when the leader is killed, that it is lost, and who is elected', async () => {
    const { term } = await topology();
    changes = gateway.subscribe(
      'subscription { leadershipChanged { kind term leader { name } previousLeader { name } } }',
    );
    await waitFor('the subscription begins', () => changes.length > 0);
    expect(changes).toMatchObject([{ kind: 'CURRENT', term, leader: { name: first } }]);

    await cluster().kill(first);

    await waitFor('the election is heard of', () => Object(changes.at(-1)).kind === 'ELECTED');
    const elected = changes.at(-1);
    expect(elected).toMatchObject({
      kind: 'ELECTED',
      leader: { name: expect.toBeOneOf(others(first)) },
      previousLeader: { name: first },
    });
    expect(Object(elected).term).toBeGreaterThan(term);
    // Unless it was over before it could be told.
    for (const change of changes.slice(1, -1)) {
      expect(change).toEqual({ kind: 'LOST', term, leader: null, previousLeader: { name: first } });
    }
  });

  test('the same employees are on the new leader and on the replica', async () => {
    const all = [...johnAndJane, ada];
    expect(await employees()).toEqual(all);
    for (const name of others(first)) expect(await employees(`{ node: "${name}" }`)).toEqual(all);
    expect(await employees('{ consistency: REPLICA }')).toEqual(all);
  });

  test('the dead node is shown as such: unreachable, and at both others disconnected and stopped', async () => {
    const [a, b] = others(first);
    const wanted = [
      `${a} ${first} disconnected stopped`,
      `${a} ${b} follow follow`,
      `${b} ${first} disconnected stopped`,
      `${b} ${a} follow follow`,
    ].toSorted();
    const seen = await waitForTopology(
      'the dead node is shown, and the others go on',
      (now) => links(now).toSorted().join() === wanted.join(),
    );
    expect(seen.nodes.find(({ name }) => name === first)).toEqual({
      name: first,
      role: 'UNREACHABLE',
      reachable: false,
      replication: [],
    });
    await expect(employees(`{ node: "${first}" }`)).rejects.toMatchObject({ codes: ['CLUSTER_UNAVAILABLE'] });
  });

  test('the node comes back: it follows, has the same employees, and rows flow everywhere again', async () => {
    const { leader } = await topology();
    await cluster().restart(first);
    const seen = await waitForTopology('every link follows again', (now) => {
      const states = links(now);
      return states.length === 6 && states.every((state) => state.endsWith('follow follow'));
    });
    expect(seen.leader).toEqual(leader);
    expect(roles(seen)[first]).toBe('FOLLOWER');
    expect(await employees(`{ node: "${first}" }`)).toEqual([...johnAndJane, ada]);
    // Its return was no change of leadership.
    expect(changes.at(-1)).toMatchObject({ kind: 'ELECTED', leader });
  });
});
