import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getOperationAST, parse } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OperationRecord } from '../../../src/http/operation-record.js';
import type { Transport } from '../../../src/http/transport.js';
import { createMetrics, type Metrics } from '../../../src/metrics/metrics.js';
import { packageRoot } from '../../../src/package-root.js';
import { NodeError } from '../../../src/tarantool/errors.js';
import type { FinishedCall } from '../../../src/replicaset/router.js';
import { readDeployed, readYaml } from '../../support/deploy.js';
import { FakeReplicaSet } from '../../support/fake-replica-set.js';

let now = 0;
const clock = { now: () => now, date: () => new Date(now) };
const counts = {
  requests: { accepted: 9, underWay: 1, completed: 5, expired: 2, cancelled: 1, failed: 0, refused: 3 },
  buffer: {
    buffered: 7,
    waiting: 1,
    waitingBytes: 50,
    drained: 3,
    expired: 2,
    cancelled: 1,
    aborted: 0,
    refused: 3,
  },
};

const calls = new Set<(call: FinishedCall) => void>();
let replicaSet: FakeReplicaSet;
let metrics: Metrics;
beforeEach(() => {
  now = 0;
  replicaSet = new FakeReplicaSet(clock);
  calls.clear();
  const onCall = (listener: (call: FinishedCall) => void) => {
    calls.add(listener);
    return () => calls.delete(listener);
  };
  metrics = createMetrics(Object.assign(replicaSet, { counts, onCall }), clock);
});
afterEach(() => metrics.stop());

/** Lines of ours with their values. */
async function ours(): Promise<Readonly<Record<string, number>>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('employee_gateway_'));
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', value] = line.split(/ (?=\S+$)/);
      return [name.replace('employee_gateway_', ''), Number(value)];
    }),
  );
}

describe('the metrics', () => {
  test('tell who leads, in which term, and for how long nobody did', async () => {
    expect(await ours()).toMatchObject({
      term: 1,
      'node_leads{node="instance001"}': 1,
      'node_leads{node="instance002"}': 0,
      leaderless_seconds_total: 0,
      'leadership_changes_total{kind="lost"}': 0,
    });
    now = 1_000;
    replicaSet.loseLeader();
    now = 3_000;
    expect(await ours()).toMatchObject({
      'node_leads{node="instance001"}': 0,
      leaderless_seconds_total: 2,
      'leadership_changes_total{kind="lost"}': 1,
    });
    replicaSet.elect('instance002');
    now = 9_000;
    // One follows the other without a gap.
    replicaSet.elect('instance003');
    expect(await ours()).toMatchObject({
      term: 3,
      'node_leads{node="instance003"}': 1,
      leaderless_seconds_total: 2,
      'leadership_changes_total{kind="elected"}': 2,
    });
  });

  test('tell of the requests, each in one ending, and of those that had to wait', async () => {
    expect(await ours()).toMatchObject({
      'requests_total{ending="completed"}': 5,
      'requests_total{ending="refused"}': 3,
      requests_under_way: 1,
      'buffered_requests_total{outcome="drained"}': 3,
      waiting_requests: 1,
      waiting_bytes: 50,
    });
    // Asked again, nothing is counted twice.
    expect(await ours()).toMatchObject({ 'requests_total{ending="completed"}': 5 });
  });

  test('tell which nodes answer, and of replication between those that do', async () => {
    replicaSet.observeNode('instance003', { reach: 'unreachable' });
    const lines = await ours();
    expect(lines).toMatchObject({
      'node_reachable{node="instance001"}': 1,
      'node_reachable{node="instance003"}': 0,
      'replication_follows{node="instance001",peer="instance003"}': 1,
      'replication_lag_seconds{node="instance001",peer="instance002"}': 0.001,
    });
    expect(lines).not.toHaveProperty('replication_follows{node="instance003",peer="instance001"}');
  });

  test('count calls that failed by node and reason, and those that repeat one', async () => {
    const lost = new NodeError('CONNECTION_LOST', { outcome: 'unknown', node: 'instance001', message: '' });
    for (const listener of calls) {
      const call = { fn: 'employees.write', durationMs: 4 };
      listener({ ...call, node: 'instance001', attempt: 1, failure: lost });
      listener({ ...call, node: 'instance002', attempt: 2, failure: null });
    }
    expect(await ours()).toMatchObject({
      'node_call_failures_total{node="instance001",reason="CONNECTION_LOST"}': 1,
      'retries_total{function="employees.write"}': 1,
    });
  });

  test('tell how long calls of each node took', async () => {
    for (const listener of calls) {
      listener({ node: 'instance001', fn: 'employees.get', attempt: 1, failure: null, durationMs: 4 });
      listener({ node: 'instance001', fn: 'employees.get', attempt: 2, failure: null, durationMs: 40 });
    }
    expect(await ours()).toMatchObject({
      'node_call_duration_seconds_bucket{le="0.005",node="instance001",function="employees.get"}': 1,
      'node_call_duration_seconds_sum{node="instance001",function="employees.get"}': 0.044,
      'node_call_duration_seconds_count{node="instance001",function="employees.get"}': 2,
    });
  });

  test('leave no listener behind', () => {
    metrics.stop();
    expect(replicaSet.listenerCount + calls.size).toBe(0);
  });
});

const begin = (transport: Transport): OperationRecord =>
  new OperationRecord({
    transport,
    byGet: false,
    requestId: '1',
    subject: 'a',
    signal: new AbortController().signal,
    clock,
    observers: [metrics.operations],
  });
const admit = (record: OperationRecord, text: string): void => {
  record.definition = getOperationAST(parse(text)) ?? null;
  record.admit();
};
const error = (code: string) => [{ message: '', extensions: { code } }];

describe('the metrics of operations', () => {
  test('tell how many there were on each transport, and how long they took', async () => {
    const record = begin('http');
    admit(record, '{ a }');
    now = 2;
    record.tell(undefined);
    // Whoever hears of the end later says so again.
    record.end(error('BAD_REQUEST'));
    expect(await ours()).toMatchObject({
      'operations_total{transport="http",kind="query"}': 1,
      'operation_duration_seconds_bucket{le="0.001",transport="http",kind="query"}': 0,
      'operation_duration_seconds_bucket{le="0.0025",transport="http",kind="query"}': 1,
      'operation_duration_seconds_sum{transport="http",kind="query"}': 0.002,
      'errors_total{code="BAD_REQUEST"}': 0,
    });
  });

  test('count errors by their codes, and one that was refused as such, without a duration', async () => {
    begin('sse').end([...error('FORBIDDEN'), ...error('FORBIDDEN'), ...error('OVERLOADED')]);
    const lines = await ours();
    expect(lines).toMatchObject({
      'operations_total{transport="sse",kind="unknown"}': 1,
      'errors_total{code="FORBIDDEN"}': 2,
      'errors_total{code="OVERLOADED"}': 1,
    });
    expect(Object.keys(lines).filter((name) => name.startsWith('operation_duration'))).toEqual([]);
  });

  test.each([
    [[], 'applied'],
    [['FORBIDDEN', 'FORBIDDEN'], 'applied'],
    [['EMPLOYEE_EXISTS'], 'rejected'],
    [['BAD_USER_INPUT', 'FORBIDDEN'], 'rejected'],
    [['EMPLOYEE_EXISTS', 'CLUSTER_UNAVAILABLE'], 'not_applied'],
    [['CLUSTER_UNAVAILABLE', 'OUTCOME_UNKNOWN'], 'unknown'],
    [['INTERNAL_SERVER_ERROR'], 'failed'],
  ])('count a mutation with the errors %j as %s', async (codes, outcome) => {
    const record = begin('http');
    admit(record, 'mutation { a }');
    record.endWith(codes);
    const told = Object.entries(await ours()).filter(([name]) => name.startsWith('mutations_total'));
    expect(told).toHaveLength(5);
    expect(told.filter(([, value]) => value > 0)).toEqual([[`mutations_total{outcome="${outcome}"}`, 1]]);
  });

  test('count no mutation that was refused at the door', async () => {
    const record = begin('http');
    record.definition = getOperationAST(parse('mutation { a }')) ?? null;
    record.endWith(['FORBIDDEN']);
    expect((await ours())['mutations_total{outcome="applied"}']).toBe(0);
  });

  test('tell how many subscriptions are open, and count the errors of their events', async () => {
    const [one, other] = [begin('graphql-ws'), begin('graphql-ws')];
    for (const record of [one, other]) admit(record, 'subscription { a }');
    one.tell(error('FORBIDDEN'));
    expect(await ours()).toMatchObject({
      'subscriptions{transport="graphql-ws"}': 2,
      'errors_total{code="FORBIDDEN"}': 1,
    });
    one.end();
    one.end();
    const refused = begin('graphql-ws');
    refused.definition = other.definition;
    refused.end(error('RATE_LIMITED'));
    expect(await ours()).toMatchObject({
      'subscriptions{transport="graphql-ws"}': 1,
      'operations_total{transport="graphql-ws",kind="subscription"}': 2,
    });
  });
});

const rule = z.looseObject({ alert: z.string(), expr: z.string() });
const rules = z.object({ groups: z.tuple([z.looseObject({ rules: z.array(rule) })]) });
const dashboard = z.looseObject({
  panels: z.array(z.looseObject({ targets: z.array(z.looseObject({ expr: z.string() })) })),
});

const { groups } = rules.parse((await readYaml('prometheus/alerts.yaml'))[0]);
const { panels } = dashboard.parse(JSON.parse(await readDeployed('grafana/dashboard.json')));

/** Names of metrics in an expression: whatever is no word or function of the language, and not inside braces, brackets or quotes. */
function namesIn(expression: string): readonly string[] {
  const bare = expression.replace(/\b(?:by|on|without) \([^)]*\)|\b[a-z_]+(?=\()|\{[^}]*\}|\[[^\]]*\]/g, ' ');
  return bare.match(/\b[a-z]+(?:_[a-z0-9]+)+\b|\bup\b/g) ?? [];
}

describe('deploy/prometheus and deploy/grafana', () => {
  test('ask for nothing that the gateway does not tell', async () => {
    const told = new Set(
      [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name, type]) =>
        type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
      ),
    );
    const expressions = [
      ...groups[0].rules.map(({ expr }) => expr),
      ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ];
    const asked = new Set(expressions.flatMap(namesIn));
    // Prometheus itself tells whether it could reach the gateway.
    asked.delete('up');
    expect([...asked].filter((name) => !told.has(name))).toEqual([]);
    expect(asked.size).toBeGreaterThan(10);
  });

  test('show or watch everything that is ours', async () => {
    const names = [...(await metrics.text()).matchAll(/^# TYPE (employee_gateway_\S+) /gm)];
    const asked = JSON.stringify([groups, panels]);
    expect(names.map(([, name = '']) => name).filter((name) => !asked.includes(name))).toEqual([]);
  });

  test('warn of nothing that docs/runbook.md does not explain, in the same order', async () => {
    const runbook = await readFile(join(packageRoot, 'docs/runbook.md'), 'utf8');
    const chapters = [...runbook.matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(groups[0].rules.map(({ alert }) => alert)).toEqual(chapters);
  });
});
