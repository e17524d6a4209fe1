import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../package-root.js';

/** Who is to listen, and to whom. */
export interface ListenersOrder {
  readonly url: string;
  readonly count: number;
  readonly query: string;
}

/** All listeners of one process have heard that somebody was elected. */
export interface Heard {
  readonly term: number;
  /** From the moment at which the gateway saw the election: one for each listener. */
  readonly delaysMs: Float64Array;
}

/** A process of its own that listens many times, half of them over WebSockets, the others over event streams. */
export class Listeners {
  readonly #child: ChildProcess;
  readonly #heard = new Map<number, Heard>();
  #isOpen = false;
  #problem: string | null = null;
  #wake: () => void = () => {};

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: unknown) => this.#hear(Object(message)));
    child.once('exit', (code) => this.#fail(`it ended with ${String(code)}`));
  }

  /** Resolves when each has got its first event. */
  static async open(order: ListenersOrder): Promise<Listeners> {
    const script = join(packageRoot, 'dist/bench/listeners-process.js');
    const listeners = new Listeners(fork(script, { serialization: 'advanced' }));
    listeners.#child.send(order);
    await listeners.#until(() => listeners.#isOpen);
    return listeners;
  }

  /** Resolves when all have heard of the leader of this term, and tells when each has. */
  async waitForElection(term: number): Promise<Heard> {
    await this.#until(() => this.#heard.has(term));
    const heard = this.#heard.get(term);
    if (heard === undefined) throw new Error('It was there a moment ago');
    return heard;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill();
    await exit;
  }

  #hear({ kind, problem, term, delaysMs }: Readonly<Record<string, unknown>>): void {
    if (kind === 'open') this.#isOpen = true;
    if (kind === 'failed') this.#fail(String(problem));
    if (typeof term === 'number' && delaysMs instanceof Float64Array)
      this.#heard.set(term, { term, delaysMs });
    this.#wake();
  }

  #fail(problem: string): void {
    this.#problem ??= problem;
    this.#wake();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#problem !== null) throw new Error(`Listeners: ${this.#problem}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
