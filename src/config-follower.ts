import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ClusterDefinition,
  type Login,
  chooseLogin,
  parseClusterConfig,
  readConfigText,
} from './cluster-config/read.js';
import { refuseContradictions } from './configuration.js';
import { ConfigError } from './operator-error.js';
import type { Log } from './replicaset/log.js';
import type { Settings } from './settings.js';

/** Whoever edits a file does not wait long for anybody to notice. */
const defaultIntervalMs = 1_000;

export interface ConfigFollowerOptions {
  /** As it was read at the start. */
  readonly cluster: ClusterDefinition;
  readonly login: Login;
  readonly settings: Settings;
  readonly log: Log;
  /** Called with every cluster that has other nodes than the last one. */
  readonly onNodes: (cluster: ClusterDefinition) => void;
  readonly intervalMs?: number;
}

/**
 * Follows changes of config.yaml, so that nodes come and go without a restart. The file is looked at again and again rather than
 * watched: editors, container volumes and ConfigMaps put another file in its place, each in a way of its own.
 *
 * A text is used when it was the same twice in a row, for the first time it may have been half written. One that cannot be used
 * is told once, and changes nothing. Whatever else than nodes has changed takes a restart.
 */
export class ConfigFollower {
  readonly #options: ConfigFollowerOptions;
  readonly #stopping = new AbortController();
  #cluster: ClusterDefinition;
  /** The text that was used or refused last. */
  #judged: string | null = null;
  #seen: string | null = null;
  /** Of the file in which it was seen. */
  #stamp: string | null = null;
  #isRefused = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: ConfigFollowerOptions) {
    this.#options = options;
    this.#cluster = options.cluster;
  }

  start(): void {
    void this.#lookForEver();
  }

  /** Looks now, and takes what is there for complete. Never rejects. */
  look(): Promise<void> {
    return this.#queue('complete');
  }

  /** Nothing is told any more when this has resolved. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
  }

  async #lookForEver(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#queue('perhaps half written');
      await delay(this.#options.intervalMs ?? defaultIntervalMs, undefined, { signal, ref: false }).catch(
        () => {},
      );
    }
  }

  /** One look at a time. */
  #queue(trust: 'complete' | 'perhaps half written'): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look(trust));
    return this.#looking;
  }

  async #look(trust: 'complete' | 'perhaps half written'): Promise<void> {
    const { path } = this.#cluster;
    const stamp = await stampOf(path);
    // Opening a file that has not changed would be most of what an idle gateway does.
    if (trust !== 'complete' && stamp === this.#stamp && this.#seen === this.#judged) return;
    this.#stamp = stamp;
    const read = await readConfigText(path).catch(asConfigError);
    if (this.#stopping.signal.aborted) return;
    const text = typeof read === 'string' ? read : read.message;
    const isStill = text === this.#seen;
    this.#seen = text;
    if (text === this.#judged || (trust !== 'complete' && !isStill)) return;
    this.#judged = text;
    try {
      if (typeof read !== 'string') throw read;
      this.#take(read);
      this.#isRefused = false;
    } catch (error) {
      this.#refuse(asConfigError(error));
    }
  }

  /** @throws ConfigError when it cannot be used */
  #take(text: string): void {
    const { settings, login, log, onNodes } = this.#options;
    const last = this.#cluster;
    const next = parseClusterConfig(last.path, text);
    refuseContradictions(settings, next);
    if (next.name !== last.name) {
      const problem = `it is of another replica set, ${next.name} instead of ${last.name}: start again for that one`;
      throw new ConfigError(`${last.path} cannot be used`, [problem]);
    }
    const { user, password } = chooseLogin(next, {
      user: login.user,
      password: givenPassword(settings, login),
    });
    if (password !== login.password)
      log.warn({ user }, `The password of ${user} has changed: it is used from the next start on`);
    this.#cluster = next;
    const nodes = next.nodes.map(({ name }) => name);
    if (addressesOf(next) !== addressesOf(last)) {
      log.info({ nodes }, `Other nodes in ${last.path}: following them`);
      onNodes(next);
    } else if (this.#isRefused) log.info({ nodes }, `${last.path} is in order again: the same nodes`);
  }

  #refuse({ message }: ConfigError): void {
    this.#isRefused = true;
    const nodes = this.#cluster.nodes.map(({ name }) => name);
    this.#options.log.error({ nodes }, `${message}. The nodes stay as they were`);
  }
}

/** Another one whenever the file is another, or has been written to; null while there is none. */
async function stampOf(path: string): Promise<string | null> {
  const status = await stat(path, { bigint: true }).catch(() => null);
  return status && [status.dev, status.ino, status.size, status.mtimeNs, status.ctimeNs].join();
}

/** Whatever else is thrown is a defect. */
function asConfigError(error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  throw error;
}

/** Null when it comes out of the file. */
const givenPassword = (settings: Settings, login: Login): string | null =>
  settings.tarantoolPassword === null && settings.tarantoolPasswordFile === null ? null : login.password;

const addressesOf = ({ nodes }: ClusterDefinition): string =>
  nodes.map(({ name, host, port }) => `${name} ${host}:${port}`).join(', ');
