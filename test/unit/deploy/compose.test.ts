import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readClusterConfig } from '../../../src/cluster-config/read.js';
import { entranceOf } from '../../../src/entrance.js';
import { healthPaths } from '../../../src/http/health.js';
import { packageRoot } from '../../../src/package-root.js';
import { parseSettings } from '../../../src/settings.js';
import { deployed, readDeployed, readEnvironment, readYaml, settingNames } from '../../support/deploy.js';

const service = z.looseObject({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string(), target: z.string() }).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  volumes: z.array(z.string()).default([]),
  configs: z.array(z.object({ source: z.string(), target: z.string() })).default([]),
  env_file: z.string().optional(),
  stop_grace_period: z.string().optional(),
  read_only: z.boolean(),
  depends_on: z.record(z.string(), z.unknown()).default({}),
});
const compose = z.looseObject({
  services: z.record(z.string(), service),
  configs: z.record(z.string(), z.object({ file: z.string() })),
  volumes: z.record(z.string(), z.unknown()),
});

const { services, configs, volumes } = compose.parse((await readYaml('compose/compose.yaml'))[0]);
const named = (pattern: RegExp) => Object.entries(services).filter(([name]) => pattern.test(name));
const dockerfile = await readDeployed('Dockerfile');
const passwords = await readEnvironment('compose/passwords.env.example');
/** `${NAME:?why}`: a variable without which nothing starts. */
const required = (value: string | number) => /^\$\{(\w+):\?/.exec(String(value))?.[1];

describe('deploy/compose/compose.yaml', () => {
  test('runs each node of deploy/config.yaml under its name, with its data in a volume of its own', async () => {
    const { nodes } = await readClusterConfig(deployed('config.yaml'));
    const running = named(/^instance/);
    expect(running.map(([name]) => name)).toEqual(nodes.map(({ name }) => name));
    const folder = /^WORKDIR (\S+employees)$/m.exec(dockerfile)?.[1];
    for (const [name, { environment, volumes: mounts }] of running) {
      expect(environment['TT_INSTANCE_NAME']).toBe(name);
      expect(mounts).toEqual([`${name}:${folder}/var`]);
      expect(volumes).toHaveProperty(name);
    }
  });

  test('gives the nodes the passwords that deploy/config.yaml asks for, and the gateways theirs', async () => {
    const text = await readDeployed('config.yaml');
    const asked = [...text.matchAll(/env: (\w+_PASSWORD)/g)].map(([, name]) => name);
    for (const [, { environment }] of named(/^instance/)) {
      for (const name of asked) expect(required(environment[name ?? ''] ?? '')).toBe(name);
    }
    for (const [, { environment }] of named(/^gateway/)) {
      expect(required(environment['TARANTOOL_PASSWORD'] ?? '')).toBe('GATEWAY_PASSWORD');
    }
    expect(Object.keys(passwords)).toEqual(asked);
  });

  test('sets nothing of the gateways that is no setting, and leaves them the time that they need to stop', async () => {
    const gateways = named(/^gateway/);
    expect(gateways).toHaveLength(2);
    for (const [, { environment, env_file: file = '', stop_grace_period: grace = '' }] of gateways) {
      const given = Object.entries(environment).map(([name, value]) => [name, String(value)]);
      const variables = {
        ...Object.fromEntries(given),
        ...(await readEnvironment(`compose/${file}.example`)),
      };
      expect(Object.keys(variables).filter((name) => !settingNames.has(name))).toEqual([]);
      const settings = parseSettings(variables, { cwd: '/', packageRoot });
      expect(entranceOf(settings)).toBe('guarded');
      expect(Number.parseInt(grace, 10) * 1000).toBeGreaterThan(
        settings.stopDelayMs + settings.stopTimeoutMs + 5_000,
      );
    }
  });

  test('mounts files that are there, builds stages that there are, and writes to nothing else', async () => {
    for (const { file } of Object.values(configs)) await stat(deployed(`compose/${file}`));
    for (const { build, configs: mounted, read_only: isReadOnly } of Object.values(services)) {
      expect(isReadOnly).toBe(true);
      for (const { source } of mounted) expect(configs).toHaveProperty(source);
      if (build === undefined) continue;
      await stat(deployed(`compose/${build.context}/${build.dockerfile}`));
      expect(dockerfile).toMatch(new RegExp(`^FROM \\S+ AS ${build.target}$`, 'm'));
    }
  });
});

describe('deploy/compose/haproxy.cfg', () => {
  test('sends requests to the gateways of compose.yaml, at their port, while they accept any', async () => {
    const text = await readDeployed('compose/haproxy.cfg');
    const servers = [...text.matchAll(/^ +server (\S+) (\S+):(\d+)$/gm)].map(([, ...words]) => words);
    const port = /^ +PORT=(\d+)/m.exec(dockerfile)?.[1];
    expect(servers).toEqual(named(/^gateway/).map(([name]) => [name, name, port]));
    expect(healthPaths).toContain(/^ +option httpchk GET (\S+)$/m.exec(text)?.[1]);
    expect(Object.keys(services['balancer']?.depends_on ?? {})).toEqual(servers.map(([name]) => name));
  });

  test('waits longer for an answer than a request may take, and for a message than two pings', async () => {
    const text = await readDeployed('compose/haproxy.cfg');
    const seconds = (name: string) => Number(new RegExp(`^ +timeout ${name} (\\d+)s$`, 'm').exec(text)?.[1]);
    const { requestTimeoutMs } = parseSettings({}, { cwd: '/', packageRoot });
    expect(seconds('server') * 1000).toBeGreaterThan(requestTimeoutMs + 5_000);
    expect(seconds('tunnel')).toBeGreaterThan(24);
  });
});
