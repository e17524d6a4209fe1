import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { findFreePorts } from '../../src/trial/free-ports.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { useCluster } from '../support/cluster.js';
import { GatewayProcess } from '../support/gateway-process.js';
import { Launched, build } from '../support/launched.js';
import { waitForReplication } from '../support/replication.js';
import { Writers } from '../support/writers.js';

/* One gateway of several processes, on real nodes. */

const cluster = useCluster();
const maxConnections = 8;
let gateway: GatewayProcess;
let metricsUrl = '';

beforeAll(async () => {
  await build();
  const [metricsPort = 0] = await findFreePorts(1);
  metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
  gateway = await GatewayProcess.start(cluster().definition.path, {
    WORKERS: '2',
    METRICS_ADDRESS: `127.0.0.1:${metricsPort}`,
    MAX_CONNECTIONS_PER_SUBJECT: String(maxConnections),
  });
  await gateway.waitForOutput(/Listening on http[^]*Listening on http/);
});
afterAll(() => gateway?.end('SIGKILL'));

/** Of the workers that have begun to serve, dead ones included. */
const pidsOf = ({ output }: GatewayProcess): number[] =>
  [...output.matchAll(/"pid":(\d+).*Listening on http/g)].map(([, pid]) => Number(pid));

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Over a connection of its own: the workers take turns with those. */
function ask(url: string, query: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${url}/graphql`,
      { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify({ query }));
  });
}

/** Hundredths of a second for which each process worked, as the kernel counts. */
async function workOf(pids: readonly number[]): Promise<number[]> {
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8')));
  return stats.map((stat) => Number(stat.slice(stat.lastIndexOf(')')).split(' ')[12]));
}

/** Listens over a WebSocket; resolves to whether it was let in. */
async function listen(sockets: WebSocket[]): Promise<boolean> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const closed = once(socket, 'close').then(() => false);
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  const isAcknowledged = once(socket, 'message').then(() => true);
  if (!(await Promise.race([isAcknowledged, closed]))) return false;
  sockets.push(socket);
  return true;
}

async function leave(sockets: readonly WebSocket[]): Promise<void> {
  const open = sockets.filter((socket) => socket.readyState !== socket.CLOSED);
  const closed = open.map((socket) => once(socket, 'close'));
  for (const socket of open) socket.close();
  await Promise.all(closed);
}

test('a gateway that nobody uses polls its nodes rarely, whatever it watches for itself', async () => {
  const leader = await cluster().waitForLeader();
  const countCalls = async () => Number(await cluster().evaluate(leader, 'return box.stat().CALL.total'));
  await waitFor('it is ready', async () => (await fetch(`${gateway.url}/readyz`)).status === 200);
  const before = await countCalls();
  await delay(2_000);
  // Once a second by each of two workers, and what this test itself asks. Ten times a second would be forty.
  expect((await countCalls()) - before).toBeLessThan(20);
});

test('workers share the work of one port, and their figures are gathered', async () => {
  const pids = pidsOf(gateway);
  expect(new Set(pids).size).toBe(2);
  const before = await workOf(pids);
  for (let index = 0; index < 200; index += 1)
    expect(await ask(gateway.url, '{ topology { term } }')).toMatchObject({ status: 200 });
  const after = await workOf(pids);
  expect(after.every((work, index) => work > (before[index] ?? 0))).toBe(true);
  const figures = await (await fetch(metricsUrl)).text();
  expect(figures).toMatch(/^employee_gateway_operations_total\{transport="http",kind="query"\} 200$/m);
  const leads = figures.match(/^employee_gateway_node_leads\{.*\} \d+$/gm) ?? [];
  expect(leads.map((line) => line.slice(-2)).toSorted()).toEqual([' 0', ' 0', ' 1']);
});

test('what a subject has open at one worker counts at the other, as long as that worker lives', async () => {
  const sockets: WebSocket[] = [];
  // The workers take turns: each has some of them, and would let in more.
  while (sockets.length < maxConnections) expect(await listen(sockets)).toBe(true);
  await waitFor('one more is refused', async () => {
    const more: WebSocket[] = [];
    const isLetIn = await listen(more);
    await leave(more);
    return !isLetIn;
  });
  await leave(sockets.splice(0));
  await waitFor('all are let in again', async () => {
    while (sockets.length < maxConnections && (await listen(sockets)));
    return sockets.length === maxConnections;
  });
  await leave(sockets);
});

test('a stream that several operations share is refused, with the reason: it would be one worker’s', async () => {
  const response = await fetch(`${gateway.url}/graphql/stream`, { method: 'PUT' });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('GET, POST');
  expect(await response.text()).toContain('WORKERS');
});

test('a worker that is killed under load is replaced, and costs nothing a client that repeats', async () => {
  const { url } = gateway;
  const sockets: WebSocket[] = [];
  while (sockets.length < maxConnections) expect(await listen(sockets)).toBe(true);
  const writers = new Writers('While a worker is killed', [url, url, url]);
  await writers.waitForProgress();
  process.kill(pidsOf(gateway)[0] ?? 0, 'SIGKILL');
  await gateway.waitForOutput(/A worker has died, and is replaced(?:[^]*Listening on http)/);
  await writers.waitForProgress();
  await writers.stop();
  await waitForReplication(cluster());
  await writers.expectAllThere(cluster().names, url);
  const open = sockets.filter((socket) => socket.readyState === socket.OPEN);
  expect(open.length).toBeLessThan(maxConnections);
  await waitFor('the places of the dead worker are free', () => listen(open));
  await leave(open);
});

test('what keeps all workers from serving is said once, and ends the gateway', async () => {
  const second = new Launched([process.execPath, `${packageRoot}dist/bundled/main.js`], {
    WORKERS: '2',
    PORT: new URL(gateway.url).port,
    CLUSTER_CONFIG: cluster().definition.path,
  });
  expect(await second.exit()).toBe(1);
  expect(second.output.match(/the port is in use/g)).toHaveLength(1);
});

test('all workers stop in order, and tell their subscribers to connect anew', async () => {
  const sockets: WebSocket[] = [];
  while (sockets.length < 6) expect(await listen(sockets)).toBe(true);
  const closed = sockets.map(async (socket) => Number((await once(socket, 'close'))[0]));
  expect(await gateway.end('SIGTERM')).toBe(0);
  expect(await Promise.all(closed)).toEqual(sockets.map(() => 1001));
});
