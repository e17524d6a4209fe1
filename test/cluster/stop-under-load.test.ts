import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { EmployeesApi } from '../../src/trial/employees-api.js';
import { GraphQLClient } from '../../src/trial/graphql-client.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { useCluster } from '../support/cluster.js';
import { startGateway } from '../support/gateway.js';
import { Launched, build } from '../support/launched.js';

/* The process itself, with writers and listeners on every transport, is asked to stop. */

const cluster = useCluster();
beforeAll(build);

let gateway: Launched;
let url: string;
afterEach(async () => {
  gateway.signal('SIGKILL');
  await gateway.exit();
});

async function start(environment: Record<string, string> = {}): Promise<void> {
  gateway = new Launched([process.execPath, `${packageRoot}dist/bundled/main.js`], {
    CLUSTER_CONFIG: cluster().definition.path,
    PORT: '0',
    ...environment,
  });
  [, url = ''] = await gateway.waitForOutput(/Listening on (http:.+)\/graphql/);
}

const addEmployee =
  'mutation ($name: String!) { addEmployee(input: {name: $name, position: "Worker", salary: 1}) { employee { id } } }';
const watch = 'subscription { leadershipChanged { kind } }';

/** What became of every employee that somebody tried to add. */
class Writers {
  readonly acknowledged: string[] = [];
  readonly failures: string[] = [];
  /** Told by the gateway before it stopped: as a balancer, they then send nothing more. */
  isAccepting = true;

  /** Adds one after the other as long as the gateway is open to them. */
  async write(add: (name: string) => Promise<string>): Promise<void> {
    while (this.isAccepting) {
      const name = `worker ${randomUUID()}`;
      try {
        const answer = await add(name);
        if (!answer.includes('"employee":{"id"')) throw new Error(answer);
        this.acknowledged.push(name);
      } catch (error) {
        this.failures.push(String(error));
        return;
      }
    }
  }
}

async function post(
  path: string,
  query: string,
  name?: string,
  accept = 'application/json',
): Promise<string> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query, variables: { name } }),
  });
  return response.text();
}

const eventStream = 'text/event-stream';
const overHttp = (name: string) => post('/graphql', addEmployee, name);
const asEvents = (name: string) => post('/graphql/stream', addEmployee, name, eventStream);

/** A WebSocket on which operations run one by one; `closed` resolves to the code of its end. */
function openSocket() {
  const ends = new EventEmitter();
  const closed = once(ends, 'closed').then(([code]: unknown[]) => code);
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => {},
    on: { closed: (event) => ends.emit('closed', Object(event).code) },
  });
  const run = async (query: string, variables: Record<string, unknown> = {}): Promise<string> => {
    let last: unknown = 'nothing';
    for await (const result of client.iterate({ query, variables })) last = result;
    return JSON.stringify(last);
  };
  return { run, closed };
}

/** Names of the workers, as the nodes have them. */
async function namesInTheCluster(): Promise<readonly string[]> {
  const other = await startGateway(cluster());
  const client = new GraphQLClient(other.url);
  try {
    const rows = await new EmployeesApi(client, 10_000).allOn(await cluster().waitForLeader(), {
      position: { eq: 'Worker' },
    });
    return rows.map(({ name }) => name);
  } finally {
    await client.stop();
    await other.stop();
  }
}

const seen = new Set<string>();

test.each([
  ['behind a balancer that listens to it', '3000'],
  ['at once', '0'],
])(
  'asked to stop %s, it answers all that it has begun on each transport, and ends with code 0',
  async (how, delayMs) => {
    await start({ STOP_DELAY_MS: delayMs });
    const writers = new Writers();
    const sockets = [openSocket(), openSocket()];
    const writing = Promise.all([
      ...Array.from({ length: 4 }, () => writers.write(overHttp)),
      ...Array.from({ length: 2 }, () => writers.write(asEvents)),
      ...sockets.map(({ run }) => writers.write((name) => run(addEmployee, { name }))),
    ]);
    const listener = openSocket();
    listener.run(watch).catch(() => {});
    const stream = post('/graphql/stream', watch, undefined, eventStream);
    await waitFor('writers are at work', () => writers.acknowledged.length > 100);

    gateway.signal('SIGTERM');
    if (delayMs !== '0') {
      const isAsked = async () => (await fetch(`${url}/readyz/accepting`)).status === 503;
      await waitFor('it says so', isAsked);
      writers.isAccepting = false;
    }
    expect(await gateway.exit()).toBe(0);
    await writing;
    expect(await listener.closed).toBe(1001);
    for (const { closed } of sockets) expect(await closed).toBe(1001);
    expect(await stream).toContain('"CURRENT"');
    // Whoever has heard that it is stopping has lost nothing; others were refused, or cut off before anything began.
    if (how.startsWith('behind')) expect(writers.failures).toEqual([]);
    const added = (await namesInTheCluster()).filter((name) => !seen.has(name));
    for (const name of added) seen.add(name);
    expect(added.toSorted()).toEqual(writers.acknowledged.toSorted());
  },
);

const nowhere = {
  REQUEST_TIMEOUT_MS: '60000',
  TARANTOOL_PASSWORD: 'x',
  CLUSTER_CONFIG: `${packageRoot}deploy/config.yaml`,
};

test('a request that waits for a leader does not keep it longer than STOP_TIMEOUT_MS', async () => {
  await start({ ...nowhere, STOP_TIMEOUT_MS: '200' });
  const waiting = post('/graphql', '{ employee(id: 1) { name } }');
  const cut = expect(waiting).rejects.toThrow('fetch failed');
  await waitFor('it waits', async () => (await post('/graphql', '{ topology { term } }')).includes('term'));
  gateway.signal('SIGTERM');
  expect(await gateway.exit()).toBe(0);
  expect(gateway.output).not.toContain('by force');
  await cut;
});

test('a second signal ends it at once, whatever is under way', async () => {
  await start(nowhere);
  const waiting = post('/graphql', '{ employee(id: 1) { name } }');
  const cut = expect(waiting).rejects.toThrow('fetch failed');
  await waitFor('it waits', async () => (await post('/graphql', '{ topology { term } }')).includes('term'));
  gateway.signal('SIGTERM');
  await gateway.waitForOutput(/Stopping/);
  // Both signals of one Ctrl-C count as one.
  await waitFor('it is another one', async () => {
    gateway.signal('SIGTERM');
    return gateway.hasEnded;
  });
  expect(await gateway.exit()).toBe(1);
  await cut;
});
