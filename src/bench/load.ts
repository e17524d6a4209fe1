import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { CheckedRequest } from './check-answer.js';

/** What is to be asked, of whom, and for how long. */
export interface LoadOrder {
  /** Null for a process that calls the driver itself. */
  readonly url: string | null;
  readonly requests: readonly CheckedRequest[];
  /** Connections with one request under way on each. */
  readonly lanes: number;
  readonly durationMs: number;
  /** It is over before that when there have been so many. */
  readonly maxAnswers: number;
}

export interface LoadReport {
  /** From the first request to the last answer. */
  readonly elapsedMs: number;
  /** One for each answer. */
  readonly latenciesMs: Float64Array;
  /** Answers that were not right, and requests that had none; the first few. */
  readonly problems: readonly string[];
}

/** A process that makes the load: it takes nothing from the process that it measures, and ends with this one. */
export class LoadProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when the process is ready. */
  static async start(script: string, environment: NodeJS.ProcessEnv): Promise<LoadProcess> {
    const child = fork(script, { env: environment, serialization: 'advanced' });
    const load = new LoadProcess(child);
    await load.#nextMessage();
    return load;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** One at a time. Rejects when the process ends before it has answered. */
  async drive(order: LoadOrder): Promise<LoadReport> {
    this.#child.send(order);
    return parseReport(await this.#nextMessage());
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill();
    await exit;
  }

  #nextMessage(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const end = (code: unknown): void =>
        reject(new Error(`A process that makes load ended with ${String(code)}`));
      this.#child.once('exit', end);
      this.#child.once('message', (message: unknown) => {
        this.#child.off('exit', end);
        resolve(message);
      });
    });
  }
}

function parseReport(message: unknown): LoadReport {
  const { elapsedMs, latenciesMs, problems }: Readonly<Record<string, unknown>> = Object(message);
  if (typeof elapsedMs !== 'number' || !(latenciesMs instanceof Float64Array) || !Array.isArray(problems))
    throw new TypeError('Not a report of a load process');
  return { elapsedMs, latenciesMs, problems: problems.map(String) };
}
