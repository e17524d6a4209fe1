import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findLeash } from '../../../src/local/leash.js';
import { LocalNodes, type LostNode } from '../../../src/local/local-nodes.js';
import type { NodeCommand } from '../../../src/local/node-command.js';
import { waitFor } from '../../../src/trial/wait-for.js';

let directory: string;
let nodes: LocalNodes;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-nodes-'));
});
afterEach(async () => {
  nodes.kill();
  await nodes.stop({ last: null });
  await rm(directory, { recursive: true });
});

/** A shell script in place of Tarantool. */
const command = (name: string, script: string): NodeCommand => ({
  name,
  program: '/bin/sh',
  args: ['-c', script],
  cwd: directory,
  environment: { PATH: process.env['PATH'] },
  logPath: join(directory, `${name}.log`),
});

/** Writes its name down when it is asked to stop. */
const noteTheEnd = (name: string) =>
  `trap 'echo ${name} >> order; exit 0' TERM; echo ready; while :; do sleep 0.01; done`;

const readOrder = async () =>
  (await readFile(join(directory, 'order'), 'utf8').catch(() => '')).trim().split('\n');

async function open(...commands: readonly NodeCommand[]): Promise<void> {
  nodes = new LocalNodes(commands, await findLeash());
}

describe('the nodes of this machine', () => {
  test('stop one after all the others when asked to', async () => {
    await open(...['a', 'b', 'c'].map((name) => command(name, noteTheEnd(name))));
    const processes = await nodes.start();
    await waitFor('every node listens to signals', async () => {
      const words = await Promise.all(processes.map((process) => process.lastWords()));
      return words.every((text) => text === 'ready');
    });
    await nodes.stop({ last: 'b' });
    const order = await readOrder();
    expect(order).toHaveLength(3);
    expect(order.at(-1)).toBe('b');
    expect(nodes.pids.size).toBe(0);
  });

  test('tell of one that ends by itself, not of one that was stopped', async () => {
    await open(command('short', 'exit 3'), command('long', 'exec sleep 100'));
    const lost: LostNode[] = [];
    nodes.onLost((node) => lost.push(node));
    await nodes.start();
    await waitFor('the loss is told', () => lost.length === 1);
    await nodes.stop({ last: null });
    expect(lost.map(({ process, exit }) => [process.name, exit])).toEqual([
      ['short', { code: 3, signal: null }],
    ]);
  });

  test('are started once, and again only when they have ended', async () => {
    await open(command('a', 'exec sleep 100'), command('b', 'exec sleep 100'));
    const [first] = await nodes.start();
    expect(await nodes.start()).toEqual([]);
    first?.signal('SIGKILL');
    await first?.exited;
    expect((await nodes.start()).map(({ name }) => name)).toEqual(['a']);
  });

  test('have their last words without those of an earlier process, and without passwords', async () => {
    const script = `echo "to replicator:secret@127.0.0.1:3301, password = 'secret'"; exec sleep 100`;
    await writeFile(join(directory, 'a.log'), 'an earlier process\n');
    await open(command('a', script));
    const [process] = await nodes.start();
    const words = await waitFor('it has spoken', async () => (await process?.lastWords()) || null);
    expect(words).toBe('to replicator:***@127.0.0.1:3301, password = ***');
  });

  test('begin a log of more than 10 MB anew', async () => {
    const log = join(directory, 'a.log');
    await writeFile(log, Buffer.alloc(10 * 1024 * 1024 + 1, 'x'));
    await open(command('a', 'exec sleep 100'));
    await nodes.start();
    expect((await stat(log)).size).toBe(0);
  });

  test('cannot be started from a program that is missing: that says so', async () => {
    nodes = new LocalNodes([{ ...command('a', ''), program: '/nowhere' }], (words) => words);
    await expect(nodes.start()).rejects.toThrow(/^a cannot be started: .*ENOENT/);
  });
});
