import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCommandLine } from '../../../src/command-line.js';
import { packageRoot } from '../../../src/package-root.js';
import { parseSettings } from '../../../src/settings.js';
import { readDeployed, settingNames } from '../../support/deploy.js';

interface Stage {
  readonly image: string;
  readonly name: string;
  /** Instructions, joined where they go over several lines. */
  readonly lines: readonly string[];
}

async function readStages(): Promise<ReadonlyMap<string, Stage>> {
  const text = (await readDeployed('Dockerfile')).replace(/^#.*\n/gm, '').replace(/\\\n/g, ' ');
  const parts = text.split(/^(?=FROM )/m).filter((part) => part.startsWith('FROM '));
  const named = parts.map((part) => {
    const [from = '', ...lines] = part.trim().split('\n').filter(Boolean);
    const { image = '', name = '' } = /^FROM (?<image>\S+) AS (?<name>\w+)$/.exec(from)?.groups ?? {};
    return [name, { image, name, lines }] as const;
  });
  return new Map(named);
}

const stages = await readStages();

function stage(name: string): Stage {
  const found = stages.get(name);
  if (found === undefined) throw new Error(`The Dockerfile has no stage ${name}`);
  return found;
}

/** What follows an instruction, as often as it is there. */
const all = ({ lines }: Stage, instruction: string): readonly string[] =>
  lines
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length).trim());

const words = (text: string): string[] => JSON.parse(text);

describe('deploy/Dockerfile', () => {
  test('is based on images of exact versions', () => {
    expect([...stages.keys()]).toEqual(['package', 'gateway', 'node']);
    for (const { image } of stages.values()) expect(image).toMatch(/:\d+\.\d+\.\d+/);
  });

  test('copies what is there', async () => {
    for (const { lines } of stages.values()) {
      const copies = lines.filter((line) => line.startsWith('COPY ') && !line.includes('--from='));
      for (const copy of copies) {
        for (const source of copy.split(' ').slice(1, -1)) await stat(join(packageRoot, source));
      }
    }
  });

  test('runs the gateway by a command that there is, with settings that there are, and not as root', () => {
    const gateway = stage('gateway');
    const [entry = '', ...rest] = words(all(gateway, 'ENTRYPOINT')[0] ?? '').slice(1);
    expect([entry, ...rest]).toEqual(['dist/bundled/employee-gateway.js']);
    expect(readCommandLine(words(all(gateway, 'CMD')[0] ?? ''))).toEqual({ kind: 'run', command: 'serve' });
    expect(all(gateway, 'USER')).toEqual(['1000:1000']);
    const variables = Object.fromEntries(
      (all(gateway, 'ENV')[0] ?? '').split(/ +/).map((pair) => pair.split('=', 2)),
    );
    const { NODE_ENV, ...settings } = variables;
    expect(NODE_ENV).toBe('production');
    expect(Object.keys(settings).filter((name) => !settingNames.has(name))).toEqual([]);
    const { port } = parseSettings(settings, { cwd: '/', packageRoot });
    expect(all(gateway, 'EXPOSE')).toEqual([String(port)]);
  });

  test('asks the gateway whether it is alive, where it listens', () => {
    const check = stage('gateway').lines.find((line) => line.startsWith('HEALTHCHECK'));
    expect(check).toContain('http://127.0.0.1:${process.env.PORT}/livez');
  });

  test('runs a node with the configuration that is mounted where the gateway has it, and not as root', () => {
    const node = stage('node');
    expect(words(all(node, 'CMD')[0] ?? '')).toEqual(['--config', '/etc/employees/config.yaml']);
    expect(all(node, 'USER')).toEqual(['1000:1000']);
    expect(all(node, 'EXPOSE')).toEqual(['3301']);
    expect(all(stage('gateway'), 'ENV')[0]).toContain('CLUSTER_CONFIG=/etc/employees/config.yaml');
  });
});
