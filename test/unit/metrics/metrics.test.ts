import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createMetrics, type Metrics } from '../../../src/metrics/metrics.js';
import { packageRoot } from '../../../src/package-root.js';
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

let replicaSet: FakeReplicaSet;
let metrics: Metrics;
beforeEach(() => {
  now = 0;
  replicaSet = new FakeReplicaSet(clock);
  metrics = createMetrics(Object.assign(replicaSet, { counts }), clock);
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

  test('leave no listener behind', () => {
    metrics.stop();
    expect(replicaSet.listenerCount).toBe(0);
  });
});

const rule = z.looseObject({ alert: z.string(), expr: z.string() });
const rules = z.object({ groups: z.tuple([z.looseObject({ rules: z.array(rule) })]) });
const dashboard = z.looseObject({
  panels: z.array(z.looseObject({ targets: z.array(z.looseObject({ expr: z.string() })) })),
});

const { groups } = rules.parse((await readYaml('prometheus/alerts.yaml'))[0]);
const { panels } = dashboard.parse(JSON.parse(await readDeployed('grafana/dashboard.json')));

/** Names of metrics in an expression: whatever is no word of the language, and not inside braces, brackets or quotes. */
function namesIn(expression: string): readonly string[] {
  const bare = expression.replace(/\b(?:by|on|without) \([^)]*\)|\{[^}]*\}|\[[^\]]*\]/g, ' ');
  return bare.match(/\b[a-z]+(?:_[a-z0-9]+)+\b|\bup\b/g) ?? [];
}

describe('deploy/prometheus and deploy/grafana', () => {
  test('ask for nothing that the gateway does not tell', async () => {
    const told = new Set([...(await metrics.text()).matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
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
