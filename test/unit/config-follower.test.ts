import { mkdtemp, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseLogin, readClusterConfig } from '../../src/cluster-config/read.js';
import { ConfigFollower } from '../../src/config-follower.js';
import { packageRoot } from '../../src/package-root.js';
import { parseSettings } from '../../src/settings.js';
import { writePrivateConfig } from '../../src/trial/private-config.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { MemoryLog } from './replicaset/memory-log.js';

let path: string;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'follower-'));
  path = join(directory, 'config.yaml');
  await write(['a', 'b', 'c']);
});
afterEach(() => rm(directory, { recursive: true }));

type Adjust = Parameters<typeof writePrivateConfig>[1]['adjust'];

const write = (names: readonly string[], adjust?: Adjust): Promise<void> => {
  const ports = new Map(names.map((name, index) => [name, 3301 + index]));
  return writePrivateConfig(path, { reader: null, addresses: { ports }, adjust });
};

/** A follower that has looked once, and what it tells. */
async function follow({ intervalMs = 60_000 } = {}) {
  const settings = parseSettings({ CLUSTER_CONFIG: path }, { cwd: directory, packageRoot });
  const cluster = await readClusterConfig(path);
  const login = chooseLogin(cluster, { user: 'gateway', password: null });
  const log = new MemoryLog();
  const told: string[] = [];
  const follower = new ConfigFollower({
    cluster,
    login,
    settings,
    log,
    intervalMs,
    onNodes: ({ nodes }) => told.push(nodes.map(({ name, port }) => `${name}:${port}`).join(' ')),
  });
  await follower.look();
  return { follower, log, told };
}

describe('A gateway follows its config.yaml', () => {
  test('tells of nodes that come, go or move, and of nothing else', async () => {
    const { follower, told, log } = await follow();
    await write(['a', 'b', 'c', 'd']);
    await follower.look();
    await follower.look();
    await write(['b', 'd']);
    await follower.look();
    await write(['b', 'd'], (config) => (config['memtx'] = { memory: 123_456_789 }));
    await follower.look();
    expect(told).toEqual(['a:3301 b:3302 c:3303 d:3304', 'b:3301 d:3302']);
    expect(log.lines).toEqual(Array(2).fill(`info Other nodes in ${path}: following them`));
  });

  test.each([
    ['that is no YAML', () => writeFile(path, 'groups: ['), 'it is not YAML'],
    ['that is half written', () => writeFile(path, ''), 'it is not a mapping'],
    ['that is gone', () => rm(path), 'there is no such file'],
    [
      'of another replica set',
      () => write(['a'], renameReplicaSet),
      'it is of another replica set, other instead',
    ],
    ['that forgets writes too early', () => write(['a'], forget), 'REQUEST_TIMEOUT_MS is 10000, but'],
  ])('refuses a file %s, once, and goes on with the last one', async (_, spoil, problem) => {
    const { follower, told, log } = await follow();
    await spoil();
    await follower.look();
    await follower.look();
    expect(told).toEqual([]);
    expect(log.lines).toEqual([expect.stringContaining(problem)]);
    expect(log.lines[0]).toMatch(/^error .*The nodes stay as they were$/s);
    await write(['a', 'b', 'c']);
    await follower.look();
    expect(log.lines.slice(1)).toEqual([`info ${path} is in order again: the same nodes`]);
    await write(['a', 'b']);
    await follower.look();
    expect(told).toEqual(['a:3301 b:3302']);
  });

  test('says that another password takes a start', async () => {
    const { follower, log } = await follow();
    await write(['a', 'b', 'c'], (config) => {
      Object(config['credentials']).users.gateway.password = 'another';
    });
    await follower.look();
    expect(log.lines).toEqual([
      'warn The password of gateway has changed: it is used from the next start on',
    ]);
  });

  test('by itself, once a file stands still, until it is stopped', async () => {
    const { follower, told } = await follow({ intervalMs: 5 });
    follower.start();
    await write(['a', 'b', 'c', 'd']);
    await waitFor('it is told', () => told.length > 0);
    await follower.stop();
    await write(['a']);
    await follower.look();
    expect(told).toEqual(['a:3301 b:3302 c:3303 d:3304']);
  });

  test('by itself, also when the new file is as long and as old as the last', async () => {
    const { atime, mtime, size } = await stat(path);
    const { follower, told } = await follow({ intervalMs: 5 });
    follower.start();
    const another = `${path}.another`;
    await writeFile(another, (await readFile(path, 'utf8')).replaceAll('3301', '3309'));
    await utimes(another, atime, mtime);
    expect((await stat(another)).size).toBe(size);
    await rename(another, path);
    await waitFor('it is told', () => told.length > 0);
    await follower.stop();
    expect(told).toEqual(['a:3309 b:3302 c:3303']);
  });
});

const renameReplicaSet: Adjust = (config) => {
  const { group001 } = Object(config['groups']);
  group001.replicasets = { other: group001.replicasets.replicaset001 };
};

const forget: Adjust = (config) => {
  config['roles_cfg'] = { 'roles.employees': { keep_outcomes_for: 1 } };
};
