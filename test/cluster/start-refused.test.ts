import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Launched, Place, build } from '../support/launched.js';

let place: Place;
beforeAll(build);
beforeEach(async () => {
  place = await Place.create();
});
afterEach(() => place.leave());

/** One message without a stack, a non-zero exit, and no process left. */
async function refusalOf(launched: Launched): Promise<string> {
  expect(await launched.exit()).toBe(1);
  expect(launched.output).not.toMatch(/^ {4}at /m);
  expect(await place.nodeProcesses()).toEqual([]);
  return launched.output.trimEnd();
}

async function configWithPasswordsOfItsOwn(): Promise<string> {
  const path = join(place.directory, 'own-passwords.yaml');
  const text = await readFile(place.environment['CLUSTER_CONFIG'] ?? '', 'utf8');
  await writeFile(path, text.replaceAll(/(password: )\S+/g, '$1correct-horse-battery'));
  return path;
}

async function listen(port: number) {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('npm start gives one message that says what to do', () => {
  test('when settings are wrong: all of them', async () => {
    const launched = place.run('local/start.js', { PORT: 'http', POLL_INTERVAL_MS: '0' });
    expect(await refusalOf(launched)).toBe(
      [
        'The settings in the environment cannot be used:',
        '  - PORT is "http": give a whole number from 0 to 65535 (0 takes any free one)',
        '  - POLL_INTERVAL_MS is "0": give a whole number from 10 to 10000',
      ].join('\n'),
    );
  });

  test('when CLUSTER_CONFIG is missing', async () => {
    const launched = place.run('local/start.js', { CLUSTER_CONFIG: '/nowhere/config.yaml' });
    expect(await refusalOf(launched)).toMatch(
      /\/nowhere\/config\.yaml cannot be used: there is no such file: set CLUSTER_CONFIG/,
    );
  });

  test('when CLUSTER_CONFIG is not YAML', async () => {
    const path = join(place.directory, 'broken.yaml');
    await writeFile(path, 'groups: [\n');
    const launched = place.run('local/start.js', { CLUSTER_CONFIG: path });
    expect(await refusalOf(launched)).toMatch(/it is not YAML: line \d+, column \d+: /);
  });

  test('when TARANTOOL_PASSWORD is wrong, without showing either password', async () => {
    const refusal = await refusalOf(place.run('local/start.js', { TARANTOOL_PASSWORD: 'hidden' }));
    expect(refusal).toMatch(
      /^The nodes would refuse user "gateway": TARANTOOL_PASSWORD is not the password that .*: unset/,
    );
    expect(refusal).not.toContain('hidden');
  });

  test('when TARANTOOL_USER is nobody whom the nodes know', async () => {
    const launched = place.run('local/start.js', { TARANTOOL_USER: 'nobody', TARANTOOL_PASSWORD: 'x' });
    expect(await refusalOf(launched)).toMatch(
      /^The nodes would refuse user "nobody": .* has no such user: set TARANTOOL_USER to one of admin, replicator, gateway$/,
    );
  });

  test('when TARANTOOL is not there, not a program, not Tarantool, or too old', async () => {
    const text = join(place.directory, 'text');
    await writeFile(text, '');
    const other = await place.writeProgram('other', 'echo something else');
    const old = await place.writeProgram('old', 'echo Tarantool 2.5.3-0-gf93e480');
    const cases = [
      ['/nowhere/tarantool', 'but there is no such file'],
      ['no-such-tarantool', 'and the PATH has no such program'],
      [text, 'which is not a program that may be executed'],
      [other, 'which does not answer --version as Tarantool does'],
      [old, 'which is Tarantool 2.5.3: 2.6 is the oldest that will do'],
    ] as const;
    for (const [TARANTOOL, reason] of cases) {
      const refusal = await refusalOf(place.run('local/start.js', { TARANTOOL }));
      expect(refusal).toContain(`TARANTOOL is "${TARANTOOL}", ${reason}. Ways to get one:\n  - `);
    }
  });

  test('when there is no Tarantool, and none can be installed', async () => {
    const launched = place.run('local/start.js', { TARANTOOL: '', PATH: place.directory });
    expect(await refusalOf(launched)).toContain(
      'There is no Tarantool on this machine, and none could be installed',
    );
  });

  test('when the port of the gateway is in use', async () => {
    const server = await listen(Number(place.environment['PORT']));
    const refusal = await refusalOf(place.run('local/start.js'));
    server.close();
    expect(refusal).toBe(
      `Nothing was started: the gateway's address 127.0.0.1:${place.environment['PORT']} is in use by another process: stop that one, or set PORT to a free port`,
    );
  });

  test('when the port of a node is in use', async () => {
    const [port = 0] = place.ports;
    const server = await listen(port);
    const refusal = await refusalOf(place.run('local/start.js'));
    server.close();
    expect(refusal).toBe(
      `Nothing was started: the address 127.0.0.1:${port} of instance001 is in use by another process: stop that one, or give the node another in CLUSTER_CONFIG`,
    );
  });

  test('when HOST would let in everybody, with passwords that everybody knows', async () => {
    const refusal = await refusalOf(place.run('local/start.js', { HOST: '0.0.0.0' }));
    expect(refusal).toMatch(
      /^This gateway does not listen on 0\.0\.0\.0:\n {2}- it would serve everybody .*: set JWT_JWKS_URL/,
    );
    expect(refusal).toMatch(
      /\n {2}- admin, replicator, gateway in .* have the passwords that everybody knows: give them others/,
    );
  });

  test('when HOST is no address of this machine', async () => {
    const open = { HOST: '192.0.2.1', DANGEROUSLY_SERVE_EVERYBODY_WITHOUT_IDENTITY: 'yes' };
    const CLUSTER_CONFIG = await configWithPasswordsOfItsOwn();
    expect(await refusalOf(place.run('local/start.js', { ...open, CLUSTER_CONFIG }))).toMatch(
      /the gateway cannot listen on 192\.0\.2\.1:\d+ \(EADDRNOTAVAIL\): set HOST/,
    );
  });

  test('when DATA_DIR cannot be written to', async () => {
    const file = join(place.directory, 'file');
    await writeFile(file, '');
    expect(await refusalOf(place.run('local/start.js', { DATA_DIR: join(file, 'data') }))).toMatch(
      /^The data directory .* cannot be used \(ENOTDIR\): set DATA_DIR to a folder that may be written to$/,
    );
  });

  test('when a node ends while it is starting: its last words', async () => {
    const stub =
      'case "$1" in --version) echo Tarantool 3.3.0;; *) echo "LuajitError: no such role" >&2; exit 3;; esac';
    const TARANTOOL = await place.writeProgram('stub', stub);
    expect(await refusalOf(place.run('local/start.js', { TARANTOOL }))).toMatch(
      /instance00\d ended with code 3 while it was starting\. Its last words, from .*node\.log:\n {4}LuajitError: no such role/,
    );
  });
});

describe('npm start beside nodes that run', () => {
  test('says which process has the data directory, and which ports are served', async () => {
    const first = place.run('local/cluster.js');
    await first.waitForOutput(/Ctrl-C stops/);
    const sameData = place.run('local/start.js');
    expect(await sameData.exit()).toBe(1);
    expect(sameData.output).toContain(
      `already running: another npm start or npm run cluster has them (process ${first.pid})`,
    );
    const otherData = place.run('local/start.js', { DATA_DIR: join(place.directory, 'other') });
    expect(await otherData.exit()).toBe(1);
    expect(otherData.output).toMatch(/instance003 is already running, .*npm run gateway/);
    expect(await place.nodeProcesses()).toHaveLength(3);
  });
});

describe('npm start on a half-written data directory names it and says what to do', () => {
  const snapshot = '00000000000000000000.snap';

  test.each<[string, (directory: string) => Promise<void>]>([
    [
      'logs without a snapshot',
      (directory) => writeFile(join(directory, '00000000000000000000.xlog'), 'XLOG\n'),
    ],
    ['an empty snapshot', (directory) => writeFile(join(directory, snapshot), '')],
    [
      'a first snapshot that was never finished',
      (directory) => writeFile(join(directory, `${snapshot}.inprogress`), 'SNAP\n'),
    ],
    ['something else in place of a snapshot', (directory) => writeFile(join(directory, snapshot), 'text')],
  ])('%s', async (_, damage) => {
    const directory = join(place.dataDir, 'instance002');
    await mkdir(directory, { recursive: true });
    await damage(directory);
    const refusal = await refusalOf(place.run('local/start.js'));
    expect(refusal).toMatch(/^Nothing was started: .* is half-written: /);
    expect(refusal).toContain(`Move it away (mv ${directory} ${directory}.damaged) and start again`);
  });

  test('a snapshot that was cut off', async () => {
    const first = place.run('local/cluster.js');
    await first.waitForOutput(/Ctrl-C stops/);
    first.signal('SIGTERM');
    await first.exit();
    const [newest = ''] = (await place.snapshotsOf('instance002')).toReversed();
    await truncate(newest, 3_000);
    expect(await refusalOf(place.run('local/cluster.js'))).toContain(
      `its snapshot ${newest} has no end. Move it away`,
    );
  });
});

describe('on a Debian machine without Tarantool', () => {
  test('npm start installs the package, and says so', async () => {
    const tarantool = place.environment['TARANTOOL'] ?? '';
    // The first attempt fails, as on a machine whose package lists are old.
    await place.writeProgram(
      'apt-get',
      `case "$*" in`,
      `*update*) : > ${place.directory}/updated;;`,
      `*) test -e ${place.directory}/updated && /bin/ln -s ${tarantool} ${place.directory}/tarantool;;`,
      `esac`,
    );
    for (const program of ['env', 'setpriv'])
      await symlink(`/usr/bin/${program}`, join(place.directory, program));
    await place.writeProgram('sudo', 'shift', 'exec "$@"');
    const launched = place.run('local/cluster.js', { TARANTOOL: '', PATH: place.directory });
    await launched.waitForOutput(/Ctrl-C stops/);
    expect(launched.output).toContain(
      'No Tarantool on this machine: installing the package "tarantool" with apt-get',
    );
    expect(launched.output).toMatch(/Installed in \d+\.\d s/);
  });
});
