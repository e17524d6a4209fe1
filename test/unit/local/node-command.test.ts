import { describe, expect, test } from 'vitest';
import { nodeCommand } from '../../../src/local/node-command.js';
import { packageRoot } from '../../../src/package-root.js';

const application = `${packageRoot}cluster/instances.enabled/employees`;
const tarantool3 = { path: '/opt/tarantool', version: '3.3.0', engine: 'tarantool3' } as const;
const tarantool2 = { path: '/usr/bin/tarantool', version: '2.6.0', engine: 'tarantool2' } as const;
const place = { name: 'paris', configPath: '/etc/employees.yaml', dataDir: '/srv/data' };

describe('the command of a node', () => {
  test('has Tarantool 3 read the configuration itself', () => {
    const command = nodeCommand(tarantool3, place, {});
    expect(command.program).toBe('/opt/tarantool');
    expect(command.args).toEqual(['--name', 'paris', '--config', '/etc/employees.yaml']);
    expect(command.cwd).toBe(application);
  });

  test('has our Lua read it on Tarantool 2', () => {
    const { args } = nodeCommand(tarantool2, place, {});
    const script = `${application}/tarantool2/start.lua`;
    expect(args).toEqual([script, '--name', 'paris', '--config', '/etc/employees.yaml']);
  });

  test('keeps all of a node in a directory of its own', () => {
    const { environment, logPath } = nodeCommand(tarantool3, place, {});
    expect(environment).toEqual({
      TT_WAL_DIR: '/srv/data/paris',
      TT_SNAPSHOT_DIR: '/srv/data/paris',
      TT_VINYL_DIR: '/srv/data/paris',
      TT_PROCESS_PID_FILE: '/srv/data/paris/tarantool.pid',
      TT_CONSOLE_SOCKET: '/srv/data/paris/control.sock',
    });
    expect(logPath).toBe('/srv/data/paris/node.log');
  });

  test('passes the environment on, but for what would override the configuration', () => {
    const { environment } = nodeCommand(tarantool3, place, { PATH: '/bin', TT_IPROTO_LISTEN: '3301' });
    expect(environment['PATH']).toBe('/bin');
    expect(environment).not.toHaveProperty('TT_IPROTO_LISTEN');
  });

  test('keeps the password of the gateway to itself', () => {
    const secret = { TARANTOOL_PASSWORD: 'hidden', TARANTOOL_PASSWORD_FILE: '/run/secrets/hidden' };
    expect(JSON.stringify(nodeCommand(tarantool3, place, secret))).not.toContain('hidden');
  });

  test('puts the console socket elsewhere when its path would be too long for one, each node its own', () => {
    const deep = { ...place, dataDir: `/srv/${'d'.repeat(100)}` };
    const socket = nodeCommand(tarantool3, deep, {}).environment['TT_CONSOLE_SOCKET'] ?? '';
    expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(107);
    const other = nodeCommand(tarantool3, { ...deep, name: 'lyon' }, {}).environment['TT_CONSOLE_SOCKET'];
    expect(other).not.toBe(socket);
  });
});
