import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { type Add, checkAdds } from '../../src/trial/check-adds.js';
import { EmployeesApi } from '../../src/trial/employees-api.js';
import { GraphQLClient } from '../../src/trial/graphql-client.js';
import type { Outcome } from '../../src/trial/history.js';
import { takeTurns } from '../../src/trial/take-turns.js';
import { waitFor } from '../../src/trial/wait-for.js';

const writerCount = 4;
/** Milliseconds between an answer and the next request: often enough to see a pause of a few, and the machine breathes. */
const thinkMs = 4;
/** More than a gateway lets a request wait. */
const patienceMs = 10_000;

/**
 * Clients that add employees all the time, each under a name that nobody else has, over HTTP. They ask the first gateway;
 * what it does not answer, or refuses because it stops, goes to the next one with the same key. With one gateway nothing is
 * ever repeated: what a client is told is what counts.
 */
export class Writers {
  readonly adds: Add[] = [];
  readonly #clients: readonly GraphQLClient[];
  readonly #gateways: readonly EmployeesApi[];
  readonly #stopping = new AbortController();
  readonly #writing: Promise<unknown>;
  readonly #name: string;
  #acknowledgedAt: number[] = [];
  #repeated = 0;

  /** Begins at once; `name` tells the employees of these writers from others. */
  constructor(name: string, urls: readonly string[]) {
    this.#name = name;
    this.#clients = urls.map((url) => new GraphQLClient(url));
    this.#gateways = this.#clients.map((client) => new EmployeesApi(client, patienceMs));
    this.#writing = Promise.all(
      Array.from({ length: writerCount }, () =>
        takeTurns(this.#stopping.signal, thinkMs, () => this.#write()),
      ),
    );
  }

  get acknowledged(): number {
    return this.#acknowledgedAt.length;
  }

  /** What had to be sent again, to another gateway. */
  get repeated(): number {
    return this.#repeated;
  }

  /** The longest time without an acknowledgement so far. */
  get longestPauseMs(): number {
    const gaps = this.#acknowledgedAt.map(
      (moment, index) => moment - (this.#acknowledgedAt[index - 1] ?? moment),
    );
    return Math.round(Math.max(0, ...gaps));
  }

  /** Resolves when `count` more have been acknowledged. */
  async waitForProgress(count = 25): Promise<void> {
    const wanted = this.acknowledged + count;
    await waitFor(`${count} more of ${this.#name} are acknowledged`, () => this.acknowledged >= wanted, {
      timeoutMs: 30_000,
    });
  }

  /** Resolves when every request has its answer. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#writing;
    for (const client of this.#clients) await client.stop();
  }

  /** Each was acknowledged, and is on every node once, at the latest when the nodes have caught up. They must have stopped. */
  async expectAllThere(nodes: readonly string[], url: string): Promise<void> {
    const client = new GraphQLClient(url);
    const api = new EmployeesApi(client, patienceMs);
    const find = async (node: string): Promise<[string, readonly string[]]> => {
      const rows = await api.allOn(node, { position: { eq: this.#name } });
      return [node, rows.map(({ name }) => name)];
    };
    let found = new Map<string, readonly string[]>();
    const haveCaughtUp = async (): Promise<boolean> => {
      found = new Map(await Promise.all(nodes.map(find)));
      return [...found.values()].every(({ length }) => length >= this.acknowledged);
    };
    // What is missing for longer is told with its name below.
    await waitFor('the nodes have caught up', haveCaughtUp).catch(() => undefined);
    await client.stop();
    expect(
      this.adds.filter(({ outcome }) => outcome.kind !== 'ok'),
      'not acknowledged',
    ).toEqual([]);
    expect(checkAdds(this.adds, found)).toMatchObject({
      acknowledged: this.adds.length,
      lost: [],
      doubled: [],
      diverged: [],
      invented: [],
    });
  }

  async #write(): Promise<void> {
    const name = randomUUID();
    const outcome = await this.#addSomewhere(name);
    this.adds.push({ name, outcome });
    if (outcome.kind === 'ok') this.#acknowledgedAt.push(performance.now());
  }

  async #addSomewhere(name: string): Promise<Outcome> {
    const key = randomUUID();
    let outcome: Outcome = { kind: 'failed', code: 'NO_GATEWAY' };
    for (const [index, gateway] of this.#gateways.entries()) {
      if (index > 0) this.#repeated += 1;
      outcome = await gateway.add({ name, position: this.#name, salary: 1 }, key);
      if (outcome.kind === 'ok' || outcome.kind === 'refused') return outcome;
    }
    return outcome;
  }
}
