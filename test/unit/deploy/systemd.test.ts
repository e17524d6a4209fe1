import { describe, expect, test } from 'vitest';
import { readCommandLine } from '../../../src/command-line.js';
import { entranceOf } from '../../../src/entrance.js';
import { packageRoot } from '../../../src/package-root.js';
import { parseSettings } from '../../../src/settings.js';
import { readDeployed, readEnvironment, settingNames } from '../../support/deploy.js';

/** Sections of a unit, each a list of what is set in it; throws for a line that is none. */
async function readUnit(path: string): Promise<ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>> {
  const sections = new Map<string, Map<string, string[]>>();
  let section = new Map<string, string[]>();
  for (const line of (await readDeployed(path)).split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const title = /^\[(\w+)\]$/.exec(line)?.[1];
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (title !== undefined) sections.set(title, (section = new Map()));
    else if (name !== undefined) section.set(name, [...(section.get(name) ?? []), value]);
    else throw new Error(`${path} has a line that means nothing: ${line}`);
  }
  return sections;
}

const gateway = (await readUnit('systemd/employee-gateway.service')).get('Service');
const node = (await readUnit('systemd/employee-node@.service')).get('Service');
const operations = await readDeployed('../docs/operations.md');

describe('deploy/systemd/employee-gateway.service', () => {
  test('runs a command that there is, from where docs/operations.md installs it', () => {
    const [command = ''] = gateway?.get('ExecStart') ?? [];
    const [program, script, ...args] = command.split(' ');
    expect(program).toBe('/usr/bin/node');
    const [folder] = gateway?.get('WorkingDirectory') ?? [];
    expect(script).toBe(`${folder}/dist/bundled/employee-gateway.js`);
    expect(operations).toContain(`mkdir -p ${folder}\n`);
    expect(readCommandLine(args)).toEqual({ kind: 'run', command: 'serve' });
  });

  test('has settings that there are in its example, and the time that it needs to stop', async () => {
    const variables = await readEnvironment('systemd/gateway.env.example');
    expect(Object.keys(variables).filter((name) => !settingNames.has(name))).toEqual([]);
    const settings = parseSettings(variables, { cwd: '/', packageRoot });
    expect(entranceOf(settings)).toBe('guarded');
    const { stopDelayMs, stopTimeoutMs } = settings;
    const [seconds] = gateway?.get('TimeoutStopSec') ?? [];
    expect(Number(seconds) * 1000).toBeGreaterThan(stopDelayMs + stopTimeoutMs + 5_000);
  });
});

describe('deploy/systemd/employee-node@.service', () => {
  test('runs the instance that it is named after, with the configuration that the gateway reads', async () => {
    const { CLUSTER_CONFIG } = await readEnvironment('systemd/gateway.env.example');
    expect(node?.get('ExecStart')).toEqual([`/usr/bin/tarantool --config ${CLUSTER_CONFIG}`]);
    expect(node?.get('Environment')).toEqual(['TT_INSTANCE_NAME=%i']);
    const [folder] = node?.get('WorkingDirectory') ?? [];
    expect(node?.get('ReadWritePaths')).toEqual([`${folder}/var`]);
  });

  test('gets the passwords that deploy/config.yaml asks for', async () => {
    const asked = [...(await readDeployed('config.yaml')).matchAll(/env: (\w+_PASSWORD)/g)];
    expect(Object.keys(await readEnvironment('systemd/node.env.example'))).toEqual(
      asked.map(([, name]) => name),
    );
  });
});

test('each unit reads its variables from the file that the head of its example names', async () => {
  for (const [unit, name] of [
    [gateway, 'gateway'],
    [node, 'node'],
  ] as const) {
    const [path = ''] = unit?.get('EnvironmentFile') ?? [];
    expect(await readDeployed(`systemd/${name}.env.example`)).toContain(`# ${path}, read by`);
  }
});
