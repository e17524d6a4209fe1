import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { TraceCollector } from '../support/trace-collector.js';
import { findFreePorts } from '../../src/trial/free-ports.js';
import { waitFor } from '../../src/trial/wait-for.js';

const cluster = useCluster();
let collector: TraceCollector;
let gateway: TestGateway;
let metricsUrl: string;
beforeAll(async () => {
  collector = await TraceCollector.start();
  const [port = 0] = await findFreePorts(1);
  metricsUrl = `http://127.0.0.1:${port}/metrics`;
  gateway = await startGateway(cluster(), {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    METRICS_ADDRESS: `127.0.0.1:${port}`,
  });
});
afterAll(() => collector.stop());

const salary = 987_654;

async function requestsUnderWay(): Promise<number> {
  const text = await (await fetch(metricsUrl, { headers: { connection: 'close' } })).text();
  return Number(/^employee_gateway_requests_under_way (\d+)$/m.exec(text)?.[1]);
}

/** Adds an employee within a trace of the client's; resolves to the id of the trace. */
async function add(): Promise<string> {
  const traceId = randomBytes(16).toString('hex');
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      connection: 'close',
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    },
    body: JSON.stringify({
      query: `mutation Hire { addEmployee(input: {name: "T", position: "P", salary: ${salary}}) { bookmark } }`,
    }),
  });
  const answer: { errors?: unknown } = JSON.parse(await response.text());
  expect(answer.errors).toBeUndefined();
  return traceId;
}

test('the trace of a mutation that lived through a failover has each call with its node and outcome, and the wait', async () => {
  const dead = await cluster().waitForLeader();
  await add();
  // All are in the middle of a call when the leader dies, and nobody is elected before.
  for (const name of cluster().names) await cluster().freeze(name);
  const writers = Array.from({ length: 4 }, add);
  await waitFor('all writes are under way', async () => (await requestsUnderWay()) === writers.length);
  await cluster().kill(dead);
  for (const name of cluster().running) cluster().thaw(name);
  const leader = await cluster().waitForLeader({ not: dead });
  const traceIds = await Promise.all(writers);
  // Sends what is left.
  await gateway.stop();

  for (const traceId of traceIds) {
    const spans = collector.spans.filter((span) => span.traceId === traceId);
    const operation = spans.find(({ parentSpanId }) => parentSpanId === '00f067aa0ba902b7');
    expect(operation).toMatchObject({
      name: 'mutation',
      isError: false,
      attributes: { 'graphql.operation.name': 'Hire', 'employee_gateway.transport': 'http' },
    });
    const parts = spans.filter((span) => span !== operation).toSorted((a, b) => a.startMs - b.startMs);
    const outside = parts.filter(
      ({ parentSpanId, startMs, endMs }) =>
        parentSpanId !== operation?.spanId ||
        startMs < (operation?.startMs ?? Infinity) - 1 ||
        endMs > (operation?.endMs ?? 0) + 1,
    );
    expect(outside).toEqual([]);
    expect(parts.map(({ name, isError, attributes }) => ({ name, isError, ...attributes }))).toEqual([
      expect.objectContaining({
        name: 'employees.write',
        isError: true,
        'employee_gateway.node': dead,
        'employee_gateway.attempt': '1',
        'employee_gateway.outcome': 'unknown',
        'error.type': 'CONNECTION_LOST',
      }),
      expect.objectContaining({ name: 'wait for leader', 'employee_gateway.ending': 'released' }),
      expect.objectContaining({
        name: 'employees.write',
        isError: false,
        'employee_gateway.node': leader,
        'employee_gateway.attempt': '2',
        'employee_gateway.outcome': 'answered',
      }),
    ]);
  }
  expect(collector.resource).toMatchObject({ 'service.name': 'employee-gateway' });
  expect(JSON.stringify(collector.spans)).not.toContain(String(salary));
});
