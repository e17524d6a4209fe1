import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { readNews, type SiblingNews, type WorkerOrder } from './messages.js';

/** More deaths than these within a minute are no accidents: whoever started us is to hear of it. */
const maxDeaths = 10;
const deathsWithinMs = 60_000;

export interface CrewOptions {
  readonly count: number;
  readonly logger: Logger;
  /** By then a worker has stopped that is told to. */
  readonly stopWithinMs: number;
}

/** The workers of one gateway: processes of this same program that serve one port. To be made by the primary, once. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #workers = new Set<Worker>();
  /** By worker, for each subject: connections that are open. */
  readonly #connections = new Map<number, Map<string, number>>();
  readonly #deaths: number[] = [];
  readonly #failure: Promise<void>;
  #fail: () => void = () => {};
  #stopped: Promise<void> | null = null;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#failure = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  /** Resolves when it is of no use to go on: workers die and die. */
  get failure(): Promise<void> {
    return this.#failure;
  }

  /**
   * Resolves to whether a worker serves. The others begin then: so what keeps the first from serving, which it prints, is
   * printed once.
   */
  async start(): Promise<boolean> {
    if ((await this.#launch()) !== 'serving') return false;
    for (let index = 1; index < this.#options.count; index += 1)
      void this.#launch().then(this.#replaceUnless);
    return true;
  }

  tell(order: WorkerOrder): void {
    for (const worker of this.#workers) tell(worker, order);
  }

  /** Has each answer what is under way. Resolves when all have ended. The same promise on every call. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** Ends all at once. */
  kill(): void {
    for (const { process: child } of this.#workers) child.kill('SIGKILL');
  }

  async #stop(): Promise<void> {
    const ended = [...this.#workers].map((worker) => once(worker, 'exit'));
    this.tell({ kind: 'stop' });
    const limit = setTimeout(() => this.kill(), this.#options.stopWithinMs);
    await Promise.all(ended);
    clearTimeout(limit);
  }

  /** Starts one more. Resolves when it serves, or has ended before. */
  #launch(): Promise<'serving' | Ending> {
    const worker = cluster.fork();
    this.#workers.add(worker);
    for (const [from, open] of this.#connections) {
      for (const [subject, count] of open)
        tell(worker, { kind: 'news', from, news: { kind: 'connections', subject, open: count } });
    }
    return new Promise((resolve) => {
      let isServing = false;
      worker.on('message', (message: unknown) => {
        const news = readNews(message);
        if (news?.kind === 'serving') {
          isServing = true;
          resolve('serving');
        } else if (news !== null) this.#passOn(worker, news);
      });
      worker.once('exit', (code, signal) => {
        const ending = { pid: worker.process.pid, code, signal };
        this.#bury(worker);
        if (isServing) this.#replaceUnless(ending);
        else resolve(ending);
      });
    });
  }

  #passOn(from: Worker, news: SiblingNews): void {
    if (news.kind === 'connections') {
      const open = this.#connections.get(from.id) ?? new Map<string, number>();
      this.#connections.set(from.id, open);
      if (news.open > 0) open.set(news.subject, news.open);
      else open.delete(news.subject);
    }
    for (const worker of this.#workers)
      if (worker !== from) tell(worker, { kind: 'news', from: from.id, news });
  }

  /** Its connections are closed. */
  #bury(worker: Worker): void {
    this.#workers.delete(worker);
    for (const subject of this.#connections.get(worker.id)?.keys() ?? [])
      this.#passOn(worker, { kind: 'connections', subject, open: 0 });
    this.#connections.delete(worker.id);
  }

  /** Starts another one for a worker that has ended, unless all are to end. */
  readonly #replaceUnless = (outcome: 'serving' | Ending): void => {
    if (outcome === 'serving' || this.#stopped !== null) return;
    const { logger } = this.#options;
    const now = performance.now();
    this.#deaths.push(now);
    while (now - (this.#deaths[0] ?? now) > deathsWithinMs) this.#deaths.shift();
    if (this.#deaths.length > maxDeaths) {
      logger.fatal(outcome, `More than ${maxDeaths} workers have died within a minute: the gateway stops`);
      this.#fail();
      return;
    }
    logger.error(outcome, 'A worker has died, and is replaced');
    void this.#launch().then(this.#replaceUnless);
  };
}

/** How a worker ended. */
interface Ending {
  readonly pid: number | undefined;
  readonly code: number | null;
  readonly signal: string | null;
}

/** One that has no channel any more is about to end. */
function tell(worker: Worker, order: WorkerOrder): void {
  if (worker.isConnected()) worker.send(order, () => {});
}
