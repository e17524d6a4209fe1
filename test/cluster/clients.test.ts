import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gql } from '@apollo/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createApolloClient, fieldErrors } from '../../examples/clients/apollo.js';
import { GatewayFailure, request } from '../../examples/clients/fetch.js';
import { type LeadershipChange, watchLeadership } from '../../examples/clients/leadership.js';
import { hireAndFind } from '../../examples/clients/read-your-writes.js';
import { createSocketClient } from '../../examples/clients/socket.js';
import { packageRoot } from '../../src/package-root.js';
import { LinkProxy } from '../../src/trial/link-proxy.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { useCluster } from '../support/cluster.js';
import { type TestGateway, startGateway } from '../support/gateway.js';
import { waitForReplication } from '../support/replication.js';

const run = promisify(execFile);
const cluster = useCluster();
let gateway: TestGateway;
/** Between the clients and the gateway. */
let link: LinkProxy;
let url: string;

beforeEach(async () => {
  await waitForReplication(cluster());
  // Less than the engine needs to elect in place of a frozen leader: clients hear errors, which they are to get over.
  gateway = await startGateway(cluster(), { REQUEST_TIMEOUT_MS: '300', POLL_INTERVAL_MS: '50' });
  const { hostname: host, port } = new URL(gateway.url);
  link = new LinkProxy({
    from: 'clients',
    to: 'gateway',
    port: 0,
    target: { host, port: Number(port) },
    carries: 'bytes',
  });
  await link.admit();
  url = `http://127.0.0.1:${link.port}/graphql`;
  const ready = async () => (await fetch(`${gateway.url}/readyz`, { headers: { connection: 'close' } })).ok;
  await waitFor('the gateway is ready', ready);
});
afterEach(async () => {
  vi.restoreAllMocks();
  link.stop();
  await gateway.stop();
});

const hireMutation = `mutation ($input: AddEmployeeInput!) { addEmployee(input: $input) { employee { id name } } }`;
const inputOf = (name: string, salary = 1) => ({ input: { name, position: 'Worker', salary } });

const openSocket = () => createSocketClient(url.replace('http', 'ws'), { webSocketImpl: WebSocket });

/** The names that begin so, on the leader, in the order of their ids. */
async function namesOf(prefix: string): Promise<readonly string[]> {
  const query = `query ($filter: EmployeeFilter, $after: String) {
    employees(first: 200, after: $after, filter: $filter) { nodes { name } pageInfo { hasNextPage endCursor } }
  }`;
  const names: string[] = [];
  for (let after: string | null = null; ;) {
    const data = await gateway.ask(query, { filter: { name: { startsWith: prefix } }, after });
    const { nodes, pageInfo } = Object(data).employees;
    names.push(...nodes.map(({ name }: { name: string }) => name));
    if (!pageInfo.hasNextPage) return names;
    after = pageInfo.endCursor;
  }
}

const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** One name after another, until it is enough. */
function* endless(prefix: string, enough: AbortSignal): Generator<string> {
  for (let index = 0; !enough.aborted; index++) yield `${prefix}${index}`;
}

/** Adds one after another, as one user would; resolves when all are acknowledged, rejects if any is not. */
async function addAll(
  names: Iterable<string>,
  add: (name: string) => Promise<unknown>,
  acknowledged: string[],
): Promise<void> {
  for (const name of names) {
    await add(name);
    acknowledged.push(name);
  }
}

/** The connections of clients break while the leader dies: they can neither be answered nor told. */
async function killLeaderBehindCut(): Promise<string> {
  const leader = await cluster().waitForLeader();
  link.refuse();
  await cluster().kill(leader);
  await cluster().waitForLeader({ not: leader });
  await link.admit();
  return leader;
}

/** The gateway runs out of time until another leads. */
async function freezeLeader(): Promise<string> {
  const leader = await cluster().waitForLeader();
  await cluster().freeze(leader);
  await cluster().waitForLeader({ not: leader });
  return leader;
}

describe('The clients of docs/clients.md', () => {
  test('add everybody once, and miss no change, while the leader is killed, cut off and frozen', async () => {
    const socket = openSocket();
    const apollo = createApolloClient(url, socket);
    const changes: LeadershipChange[] = [];
    const listening = (async () => {
      for await (const change of watchLeadership(socket)) changes.push(change);
    })();
    await waitFor('the listener is told how things stand', () => changes.length === 1);
    const requests = vi.spyOn(globalThis, 'fetch');
    const acknowledged: string[] = [];
    const mutation = gql(hireMutation);
    const ways = {
      'fetch ': (name: string) => request(url, { query: hireMutation, variables: inputOf(name) }),
      'apollo ': (name: string) => apollo.mutate({ mutation, variables: inputOf(name) }),
      'reader ': async (name: string) => expect(await hireAndFind(url, name)).toMatchObject({ name }),
    };
    // They go on for as long as it takes: however fast they are, there is work under way at each fault.
    const faults = new AbortController();
    const work = Promise.all(
      Object.entries(ways).flatMap(([way, add]) =>
        ['left ', 'right '].map((user) => addAll(endless(way + user, faults.signal), add, acknowledged)),
      ),
    );
    // Told below; until then nobody waits for it.
    work.catch(() => undefined);
    const progress = async (count: number) => {
      const enough = acknowledged.length + count;
      await waitFor(`${enough} are acknowledged`, () => acknowledged.length >= enough, { timeoutMs: 30_000 });
    };

    await progress(30);
    await cluster().kill(await cluster().waitForLeader());
    await progress(30);
    await cluster().restart(...cluster().names);
    await waitForReplication(cluster());
    await progress(30);
    const killed = await killLeaderBehindCut();
    await progress(30);
    await cluster().restart(killed);
    await waitForReplication(cluster());
    await progress(30);
    const frozen = await freezeLeader();
    await progress(30);
    await cluster().kill(frozen);
    await cluster().restart(frozen);

    faults.abort();
    await work;
    for (const way of Object.keys(ways)) {
      const names = acknowledged.filter((name) => name.startsWith(way));
      expect([...(await namesOf(way))].toSorted()).toEqual(names.toSorted());
    }
    const sent = acknowledged.length + acknowledged.filter((name) => name.startsWith('reader ')).length;
    expect(requests.mock.calls.length, 'requests, of which some were repeated').toBeGreaterThan(sent);
    const { leadershipHistory } = Object(
      await gateway.ask('{ leadershipHistory(last: 1000) { sequence kind term leader { name } } }'),
    );
    const from = changes[0]?.sequence ?? 0;
    await waitFor(
      'the listener is told the last change',
      () => changes.length === 1 + leadershipHistory.length - from,
    );
    expect(changes.slice(1)).toEqual(leadershipHistory.slice(from));
    expect(new Set(changes.map(({ term }) => term)).size).toBeGreaterThanOrEqual(4);
    apollo.stop();
    await socket.dispose();
    await listening;
  });

  test('give up in time, with what the gateway said last, and can be asked again with the same key', async () => {
    const others = cluster().names.slice(1);
    for (const name of others) await cluster().kill(name);
    const options = { idempotencyKey: 'given-up-once', giveUpAfterMs: 1_000 };
    const operation = { query: hireMutation, variables: inputOf('Given Up') };
    const failure: unknown = await request(url, operation, options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GatewayFailure);
    expect(Object(failure).errors[0].extensions).toMatchObject({
      code: expect.toBeOneOf(['CLUSTER_UNAVAILABLE', 'OUTCOME_UNKNOWN']),
      retryable: true,
    });
    await cluster().restart(...others);
    await request(url, operation, { ...options, giveUpAfterMs: 30_000 });
    expect(await namesOf('Given Up')).toEqual(['Given Up']);
  });

  test('show an error at the field to which it belongs, at once', async () => {
    const socket = openSocket();
    const apollo = createApolloClient(url, socket);
    const requests = vi.spyOn(globalThis, 'fetch');
    const failure: unknown = await apollo
      .mutate({ mutation: gql(hireMutation), variables: inputOf('Ada', -1) })
      .catch((error: unknown) => error);
    expect(Object.fromEntries(fieldErrors(failure))).toEqual({
      'input.salary': expect.stringContaining('2147483647'),
    });
    expect(requests).toHaveBeenCalledOnce();
    apollo.stop();
    await socket.dispose();
  });

  test('hear of a leader through Apollo Client as well', async () => {
    const socket = openSocket();
    const apollo = createApolloClient(url, socket);
    const heard: unknown[] = [];
    const query = gql('subscription { leadershipChanged { kind leader { name } } }');
    const subscription = apollo.subscribe({ query }).subscribe(({ data }) => heard.push(data));
    await waitFor('Apollo Client hears who leads', () => heard.length > 0);
    expect(heard[0]).toMatchObject({
      leadershipChanged: { kind: 'CURRENT', leader: { name: await cluster().waitForLeader() } },
    });
    subscription.unsubscribe();
    apollo.stop();
    await socket.dispose();
  });

  test('work with curl alone, while the leader is killed', async ({ skip }) => {
    if (spawnSync('curl', ['--version']).status !== 0) skip('curl is not installed');
    const script = join(packageRoot, 'examples/clients/hire.sh');
    const names = numbered('curl ', 20);
    const acknowledged: string[] = [];
    const work = addAll(
      names,
      async (name) => {
        const { stdout } = await run('sh', [script, url, name]);
        expect(JSON.parse(stdout)).toMatchObject({ data: { employee: { name } } });
      },
      acknowledged,
    );
    work.catch(() => undefined);
    await waitFor('five are acknowledged', () => acknowledged.length >= 5);
    const killed = await killLeaderBehindCut();
    await work;
    expect(await namesOf('curl ')).toEqual(names);
    await cluster().restart(killed);
  });
});
