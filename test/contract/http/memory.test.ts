import { Agent, request } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../../../src/trial/wait-for.js';
import { FakeEmployees, type Row } from '../../support/fake-employees.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';
import { openAcknowledged } from './raw-socket.js';

/* What operations leave behind. Ten minutes under load: npm run bench -- --leak */

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const rows: readonly Row[] = [[1, 'John Doe', 'Manager', 5000]];
let gateway: GatewayUnderTest;
let agent: Agent;
beforeEach(async () => {
  agent = new Agent({ keepAlive: true, maxSockets: 8 });
  gateway = await startGateway({ rows });
});
afterEach(async () => {
  agent.destroy();
  await gateway.stop();
});

/** A comment, so that a hundred documents fill the cache of them. */
const padding = `#${' '.repeat(2_000)}`;

function ask(query: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request(`${gateway.url}/graphql`, { method: 'POST', agent, headers }, (response) =>
      response.on('end', resolve).resume(),
    );
    asked.on('error', reject);
    asked.end(JSON.stringify({ query: `${query} ${padding}` }));
  });
}

/** One of each kind of operation that could leave something behind; each time with another document. */
async function useEverything(turn: number): Promise<void> {
  await Promise.all([
    ask('{ employee(id: 1) { name } }'),
    ask(`{ a${turn}: employee(id: 1) { name salary } }`),
    ask(`mutation { updateEmployee(input: {id: 1, salary: ${turn}}) { bookmark } }`),
    ask(`{ employee(id: ${turn + 2}) { nothing${turn} } }`),
  ]);
  if (turn % 10 !== 0) return;
  const socket = await openAcknowledged(gateway.socketUrl);
  for (const id of ['1', '2']) {
    const field = id === '1' ? 'leadershipChanged' : 'topologyChanged';
    const query = `subscription S${turn} { ${field} { term } } ${padding}`;
    socket.send({ id, type: 'subscribe', payload: { query } });
    await socket.next();
  }
  gateway.replicaSet.elect(turn % 20 === 0 ? 'instance001' : 'instance002');
  await socket.next();
  socket.close();
  await socket.closed;
}

async function heapAfter(turns: readonly number[]): Promise<number> {
  for (const turn of turns) await useEverything(turn);
  await waitFor('nobody listens', () => gateway.replicaSet.listenerCount === 0);
  // What the fake replica set writes down for tests, and never forgets.
  gateway.replicaSet.employees = new FakeEmployees(rows);
  gateway.replicaSet.calls.length = 0;
  gateway.replicaSet.history.length = 0;
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const turns = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

test('the heap is as it was, after 2,000 operations more', async () => {
  const before = await heapAfter(turns(0, 300));
  const after = await heapAfter(turns(300, 500));
  // Compiled code and what is learned of types settle at some 0.9 MB. 1 kB that each leaves behind would be 2 MB more.
  expect(after - before).toBeLessThan(2_000_000);
});
