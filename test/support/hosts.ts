import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { findLeash } from '../../src/local/leash.js';
import { packageRoot } from '../../src/package-root.js';
import { Launched } from './launched.js';

const run = promisify(execFile);
/** Where `ip netns exec` looks for what a host is to have in /etc. */
const hostTables = '/etc/netns';
const ip = (...args: readonly string[]): Promise<unknown> => run('ip', [...args]);

const addressOf = (index: number): string => `10.99.0.${index + 1}`;

/** How every frame fares between two hosts, in each direction. */
export interface Weather {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly lossPercent: number;
}

/**
 * Hosts of one network: each is a network namespace of this machine with an address, and knows the others by their names. Nothing
 * of it is seen by the machine itself, whose processes come in through doors.
 */
export class Hosts {
  readonly #names: readonly string[];
  readonly #prefix = `hosts-${randomBytes(3).toString('hex')}`;
  readonly #ends: (() => Promise<unknown>)[] = [];

  private constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** Why there can be none here; null where there can. */
  static async obstacle(): Promise<string | null> {
    if (process.platform !== 'linux') return 'network namespaces are of Linux';
    if (process.getuid?.() !== 0) return 'network namespaces are for root';
    const isThere = await access('/dev/net/tun').then(
      () => true,
      () => false,
    );
    if (!isThere) return 'there is no /dev/net/tun';
    const name = `hosts-${randomBytes(3).toString('hex')}`;
    try {
      await ip('netns', 'add', name);
      await ip('netns', 'del', name);
      return null;
    } catch (error) {
      return `ip netns add does not work (iproute2): ${String(error).split('\n')[0]}`;
    }
  }

  /** `tarantool` runs the switch between them. */
  static async create(names: readonly string[], weather: Weather, tarantool: string): Promise<Hosts> {
    const hosts = new Hosts(names);
    try {
      await hosts.#create(weather, tarantool);
      return hosts;
    } catch (error) {
      await hosts.stop();
      throw error;
    }
  }

  /** A command as it is run on a host. It replaces itself: the process that is started is the command's. */
  on(host: string, command: readonly string[]): readonly string[] {
    return ['ip', 'netns', 'exec', this.#namespace(host), ...command];
  }

  /** Takes the cable out of a host: nothing gets in or out, and nobody is told. */
  async unplug(host: string): Promise<void> {
    await ip('-n', this.#namespace(host), 'link', 'set', 'eth0', 'down');
  }

  async plug(host: string): Promise<void> {
    await ip('-n', this.#namespace(host), 'link', 'set', 'eth0', 'up');
  }

  /** Makes a port of a host's own 127.0.0.1 a port of this machine's. Resolves to its URL. */
  async door(host: string, port: number): Promise<string> {
    const path = join(tmpdir(), `${this.#prefix}-${host}.sock`);
    await this.#launch(
      this.on(host, [process.execPath, `${packageRoot}test/support/doorway.mjs`, path, String(port)]),
      /The door is open/,
    );
    const server = createServer((outside) => {
      pipeline(outside, connect(path), outside, () => {});
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#ends.push(async () => {
      server.close();
      await rm(path, { force: true });
    });
    return `http://127.0.0.1:${Object(server.address()).port}`;
  }

  /** What runs there must have ended. */
  async stop(): Promise<void> {
    for (const end of this.#ends.toReversed()) await end();
    // It is there for others, too, if it is not empty.
    await rmdir(hostTables).catch(() => undefined);
  }

  #namespace(host: string): string {
    return `${this.#prefix}-${host}`;
  }

  async #create({ delayMs, jitterMs, lossPercent }: Weather, tarantool: string): Promise<void> {
    const table = ['127.0.0.1 localhost', ...this.#names.map((name, index) => `${addressOf(index)} ${name}`)];
    for (const host of this.#names) {
      const namespace = this.#namespace(host);
      await ip('netns', 'add', namespace);
      this.#ends.push(() => ip('netns', 'del', namespace));
      // In the place of /etc/hosts, for those that `ip netns exec` starts.
      const folder = join(hostTables, namespace);
      await mkdir(folder, { recursive: true });
      this.#ends.push(() => rm(folder, { recursive: true }));
      await writeFile(join(folder, 'hosts'), `${table.join('\n')}\n`);
    }
    const weather = [delayMs, jitterMs, lossPercent].map(String);
    const namespaces = this.#names.map((name) => this.#namespace(name));
    const script = `${packageRoot}test/support/network.lua`;
    await this.#launch([tarantool, script, ...weather, ...namespaces], /The network is there/);
    for (const [index, name] of this.#names.entries()) {
      const inside = ['-n', this.#namespace(name)];
      await ip(...inside, 'addr', 'add', `${addressOf(index)}/24`, 'dev', 'eth0');
      await ip(...inside, 'link', 'set', 'lo', 'up');
      await ip(...inside, 'link', 'set', 'eth0', 'up');
    }
  }

  /** Until the end of the hosts, or of this process. */
  async #launch(command: readonly string[], ready: RegExp): Promise<void> {
    const leash = await findLeash();
    const launched = new Launched(leash(command), process.env);
    this.#ends.push(async () => {
      launched.signal('SIGKILL');
      await launched.exit();
    });
    await launched.waitForOutput(ready);
  }
}
