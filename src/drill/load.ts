import { randomUUID } from 'node:crypto';
import { type Add } from '../trial/check-adds.js';
import type { EmployeesApi } from '../trial/employees-api.js';
import { History, type Operation } from '../trial/history.js';
import { takeTurns } from '../trial/take-turns.js';

/** An employee who is to be added. */
export interface Adding {
  readonly name: string;
}

interface Acknowledged {
  readonly id: number;
  readonly name: string;
}

export const writerCount = 4;
export const readerCount = 2;
/** Milliseconds between an answer and the next request: often enough to see a pause of a few, and the machine breathes. */
const writerThinkMs = 6;
const readerThinkMs = 12;

/** What tells the employees of a drill from others, beside the name. */
export const drillPosition = 'Drill';

/**
 * Clients that add employees, each under a name of its own that begins with `prefix`, and others that look whether those
 * are there who have been acknowledged. Nobody repeats a request: what a client is told is what counts.
 */
export class Load {
  readonly history = new History<Adding>(() => performance.now());
  readonly #api: EmployeesApi;
  readonly #prefix: string;
  readonly #stopping = new AbortController();
  readonly #acknowledged: Acknowledged[] = [];
  readonly #missed: string[] = [];
  readonly #working: Promise<unknown>;
  #count = 0;
  #reads = 0;

  /** Begins at once. */
  constructor(api: EmployeesApi, prefix: string) {
    this.#api = api;
    this.#prefix = prefix;
    const { signal } = this.#stopping;
    this.#working = Promise.all([
      ...Array.from({ length: writerCount }, (_, index) =>
        takeTurns(signal, writerThinkMs, () => this.#write(`writer ${index + 1}`)),
      ),
      ...Array.from({ length: readerCount }, () => takeTurns(signal, readerThinkMs, () => this.#read())),
    ]);
  }

  get adds(): readonly Add[] {
    return this.history.operations.map(({ action, outcome }) => ({ name: action.name, outcome }));
  }

  /** When each was acknowledged, in order. */
  get acknowledgedAt(): readonly number[] {
    return this.#api.acknowledgedAt;
  }

  /** Names whose addition was acknowledged by then. */
  acknowledgedBy(moment: number): readonly string[] {
    const isDue = ({ outcome, completedAt }: Operation<Adding>) =>
      outcome.kind === 'ok' && completedAt !== null && completedAt <= moment;
    return this.history.operations.filter(isDue).map(({ action }) => action.name);
  }

  /** Answers to reads so far. */
  get reads(): number {
    return this.#reads;
  }

  /** Names of employees that had been acknowledged, and were not there for a reader. */
  get missed(): readonly string[] {
    return this.#missed;
  }

  /** Resolves when every request has its answer. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
  }

  async #write(client: string): Promise<void> {
    const name = `${this.#prefix}${(this.#count += 1)}`;
    const complete = this.history.begin(client, { name });
    const outcome = await this.#api.add({ name, position: drillPosition, salary: 1 }, randomUUID());
    complete(outcome);
    if (outcome.kind === 'ok' && outcome.value !== null) this.#acknowledged.push({ id: outcome.value, name });
  }

  async #read(): Promise<void> {
    const somebody = this.#acknowledged[Math.floor(Math.random() * this.#acknowledged.length)];
    if (somebody === undefined) return;
    const outcome = await this.#api.salaryOf(somebody.id, { consistency: 'LEADER' });
    if (outcome.kind !== 'ok') return;
    this.#reads += 1;
    if (outcome.value === null) this.#missed.push(somebody.name);
  }
}
