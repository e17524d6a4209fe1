import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  findLauncher,
  isLauncher,
  isLoopback,
  isTarantool,
  listeningSockets,
  stateOf,
  whyNotOurs,
} from '../../../src/drill/processes.js';

describe('The process of a node', () => {
  const server = createServer();
  let port = 0;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = Object(server.address()).port;
  });
  afterAll(() => void server.close());

  test('is left alone when its address may be of another machine', async () => {
    expect(await whyNotOurs(process.pid, { host: '192.0.2.7', port })).toMatch(/^it listens on 192\.0\.2\.7/);
  });

  test('is left alone when this machine has no such process', async () => {
    // Linux gives no number above 2^22 to a process.
    expect(await whyNotOurs(2 ** 22 + 1, { host: '127.0.0.1', port })).toMatch(
      /which this machine does not have/,
    );
  });

  test('is left alone when it is another program, even one that listens there', async () => {
    expect(await whyNotOurs(process.pid, { host: '127.0.0.1', port })).toMatch(
      new RegExp(`it is process ${process.pid}, which is .+ on this machine`),
    );
  });

  test('is not started again by a parent that is no launcher', async () => {
    expect(await findLauncher(process.pid)).toBeNull();
  });

  test('runs, or is gone', async () => {
    expect(await stateOf(process.pid)).toBe('running');
    expect(await stateOf(2 ** 22 + 1)).toBe('gone');
  });
});

test.each([
  ['127.0.0.1', true],
  ['127.3.2.1', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['10.0.0.1', false],
  ['127.0.0.1.example.org', false],
])('%s is an address of this machine alone: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

test.each([
  ['tarantool\n', ['tarantool init.lua <running>'], true],
  ['a-title\n', ['/opt/tarantool3/bin/tarantool', '--name', 'a'], true],
  ['node\n', ['/usr/bin/node', 'tarantool'], false],
  ['mariadbd\n', ['/usr/sbin/mariadbd'], false],
])('a process with the name %j and the command %j is a Tarantool: %s', (name, command, expected) => {
  expect(isTarantool(name, command)).toBe(expected);
});

test('the sockets that listen on a port are found in the table of the kernel, and connections are not', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:0CE5 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0000 100 0',
    '   1: 0100007F:0CE5 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 777 1 0000 20 4',
    '   2: 0100007F:0CE6 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 888 1 0000 100 0',
    '',
  ].join('\n');
  expect(listeningSockets(table, 3301)).toEqual(['12345']);
  expect(listeningSockets(table, 3303)).toEqual([]);
  expect(listeningSockets('', 3301)).toEqual([]);
});

describe('A launcher', () => {
  const command = ['node', '--enable-source-maps', 'dist/local/start.js', ''];
  // SIGUSR2 is signal 12: bit 11 of the mask.
  const catching = 'Name:\tnode\nSigBlk:\t0000000000000000\nSigCgt:\t0000000108014e02\n';

  test('is known by its command, relative or absolute, while it waits for SIGUSR2', () => {
    expect(isLauncher(command, catching)).toBe(true);
    expect(isLauncher(['/usr/bin/node', '/srv/gateway/dist/local/cluster.js'], catching)).toBe(true);
  });

  test('is not sent a signal that would end it', () => {
    expect(isLauncher(command, catching.replace('4e02', '4602'))).toBe(false);
    expect(isLauncher(command, '')).toBe(false);
  });

  test.each([
    [['/bin/sh', '-c', 'node dist/local/start.js']],
    [['node', 'dist/main.js']],
    [['vim', 'dist/local/start.js']],
    [['']],
  ])('is not any process: %j', (other) => {
    expect(isLauncher(other, catching)).toBe(false);
  });
});
