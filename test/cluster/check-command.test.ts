import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { useCluster } from '../support/cluster.js';
import { Launched, build } from '../support/launched.js';
import { waitForReplication } from '../support/replication.js';
import { packageRoot } from '../../src/package-root.js';

const cluster = useCluster();
beforeAll(async () => {
  await build();
  await waitForReplication(cluster());
});

const report = z.object({
  well: z.boolean(),
  problems: z.number(),
  findings: z.array(
    z.object({
      item: z.string(),
      level: z.enum(['ok', 'warning', 'problem']),
      text: z.string(),
      mend: z.string().nullable(),
    }),
  ),
});

async function check(environment: Record<string, string> = {}, ...args: readonly string[]) {
  const command = new Launched([process.execPath, join(packageRoot, 'dist/check.js'), ...args], {
    PATH: process.env['PATH'] ?? '',
    CLUSTER_CONFIG: cluster().definition.path,
    ...environment,
  });
  const code = await command.exit();
  return { code, output: command.output };
}

/** Level, text and what to do of each finding, by item. */
async function findings(environment: Record<string, string> = {}) {
  const { code, output } = await check(environment, '--json');
  const told = report.parse(JSON.parse(output));
  const of = (item: string) =>
    told.findings
      .filter((finding) => finding.item === item)
      .map(({ level, text, mend }) => `${level}: ${text}${mend === null ? '' : `: ${mend}`}`);
  return { code, problems: told.problems, of };
}

test('employee-gateway check finds no problem in a cluster that is well', async () => {
  const { code, output } = await check();
  expect(output).not.toMatch(/^problem/m);
  expect(code).toBe(0);
  for (const name of cluster().names)
    expect(output).toMatch(
      new RegExp(`^ok +nodes +${name} at 127\\.0\\.0\\.1:\\d+ answers in [\\d.]+ ms$`, 'm'),
    );
  expect(output).toMatch(/^ok +quorum +3 of 3 answer, 2 are needed: 1 more may be lost$/m);
  expect(output).toMatch(/^ok +rights +gateway may call its 7 functions and nothing else$/m);
  expect(output).toMatch(/^ok +fencing +strict on instance001, instance002, instance003$/m);
  expect(output).toMatch(/^ok +synchronous +employees, requests$/m);
  expect(output).toMatch(/^ok +schema +version 1$/m);
  expect(output).toMatch(/^ok +clocks +all are within \d+ ms of this machine's$/m);
  expect(output).toMatch(/^As it should be: no problem/m);
});

test('it says that a password is wrong, and where the right one belongs', async () => {
  const { code, problems, of } = await findings({ TARANTOOL_PASSWORD: 'wrong' });
  expect(code).toBe(1);
  expect(of('nodes')).toEqual(
    cluster().names.map(() =>
      expect.stringMatching(/^problem: \w+ at \S+ refuses user gateway .*: set TARANTOOL_PASSWORD_FILE or/),
    ),
  );
  expect(problems).toBe(cluster().names.length + 2);
});

test('it tells of a right that the gateway does not need', async () => {
  const leader = await cluster().waitForLeader();
  const what = `'gateway', 'read,write', 'space', 'employees'`;
  await cluster().evaluate(leader, `box.schema.user.grant(${what})`);
  await waitForReplication(cluster());
  const { code, of } = await findings();
  await cluster().evaluate(leader, `box.schema.user.revoke(${what})`);
  expect(code).toBe(1);
  expect(of('rights')).toEqual([
    expect.stringMatching(
      /^problem: gateway may more than it needs on .*\(read and write on space employees\)/,
    ),
  ]);
});

test('it finds a node that was killed, what that means for the quorum, and that the rest is well', async () => {
  const dead = await cluster().waitForLeader();
  await cluster().kill(dead);
  const leader = await cluster().waitForLeader({ not: dead });
  const { code, of } = await findings();
  expect(code).toBe(1);
  expect(of('nodes').filter((told) => told.startsWith('problem'))).toEqual([
    expect.stringMatching(
      new RegExp(`^problem: ${dead} at \\S+ does not run .*: nothing listens at \\S+: start it`),
    ),
  ]);
  expect(of('quorum')).toEqual([
    'warning: 2 of 3 answer, 2 are needed: none may be lost now: start those that are down',
  ]);
  expect(of('leader')).toEqual([expect.stringMatching(new RegExp(`^ok: ${leader} leads term`))]);
  expect(of('replication')).toEqual([expect.stringMatching(/^ok: all that answer follow each other/)]);
  await cluster().restart(dead);
  await waitForReplication(cluster());
});

test('it finds a frozen node within some seconds', async () => {
  const leader = await cluster().waitForLeader();
  const frozen = cluster().names.find((name) => name !== leader) ?? '';
  await cluster().freeze(frozen);
  const { code, of } = await findings();
  cluster().thaw(frozen);
  expect(code).toBe(1);
  expect(of('nodes').filter((told) => !told.startsWith('ok'))).toEqual([
    expect.stringMatching(new RegExp(`^problem: ${frozen} at \\S+ is silent .*: see whether its host is up`)),
  ]);
});

test('with --settings it connects to nobody: addresses where nothing runs are no problem', async () => {
  const config = join(cluster().directory, 'elsewhere.yaml');
  const text = await readFile(cluster().definition.path, 'utf8');
  await writeFile(
    config,
    text.replaceAll(/127\.0\.0\.1:\d+/g, (_, index: number) => `127.0.0.1:${1000 + (index % 60_000)}`),
  );
  const { code, output } = await check({ CLUSTER_CONFIG: config }, '--settings');
  expect(code).toBe(0);
  expect(output).not.toMatch(/^\w+ +nodes/m);
  expect(output).toMatch(/^As it should be: no problems, 1 warning$/m);
});
