import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findLeash } from '../../../src/local/leash.js';
import { LocalNodes } from '../../../src/local/local-nodes.js';
import { NodeControl } from '../../../src/local/node-control.js';

let directory: string;
let nodes: LocalNodes;
let control: NodeControl;
let said: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'node-control-'));
  const command = {
    name: 'a',
    program: '/bin/sh',
    args: ['-c', 'exec sleep 100'],
    cwd: directory,
    environment: { PATH: process.env['PATH'] },
    logPath: join(directory, 'a.log'),
  };
  nodes = new LocalNodes([command], await findLeash());
  said = [];
  control = new NodeControl(nodes, (line) => said.push(line));
  await nodes.start();
});
afterEach(async () => {
  nodes.kill();
  await nodes.stop({ last: null });
  await rm(directory, { recursive: true });
});

const state = async () => (await control.list())[0]?.state;

test('a process is frozen, thawed, killed and started again, and is so when the answer comes', async () => {
  const first = nodes.process('a');
  expect(await state()).toBe('running');
  expect(await control.act('a', 'freeze')).toBe('done');
  expect(await state()).toBe('frozen');
  expect(await control.act('a', 'thaw')).toBe('done');
  expect(await state()).toBe('running');
  expect(await control.act('a', 'kill')).toBe('done');
  expect([await state(), first?.hasExited()]).toEqual(['ended', true]);
  expect(await control.act('a', 'restart')).toBe('done');
  expect(await state()).toBe('running');
  expect(nodes.process('a')?.pid).not.toBe(first?.pid);
  expect(said.at(-1)).toBe(`a is started again (process ${nodes.process('a')?.pid})`);
});

test('one that a person has frozen at a terminal is shown as frozen, and can be killed', async () => {
  process.kill(nodes.process('a')?.pid ?? 0, 'SIGSTOP');
  await expect.poll(state).toBe('frozen');
  expect(await control.act('a', 'kill')).toBe('done');
  expect(await state()).toBe('ended');
});

test('what makes no sense is refused with the reason', async () => {
  expect(await control.act('a', 'restart')).toEqual({ refusal: 'a is running' });
  expect(await control.act('b', 'kill')).toEqual({ refusal: 'There is no node b' });
  await control.act('a', 'kill');
  expect(await control.act('a', 'freeze')).toEqual({ refusal: 'a is not running' });
});
