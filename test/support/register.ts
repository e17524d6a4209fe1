import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { systemClock } from '../../src/clock.js';
import { decodeBookmark } from '../../src/employees/bookmark.js';
import { MutationOutcomeUnknownError } from '../../src/employees/employee.errors.js';
import { EmployeeStore, type Written } from '../../src/employees/employee.store.js';
import type { Employee } from '../../src/employees/employee.type.js';
import type { ReadMode } from '../../src/employees/read-mode.js';
import type { OpenReplicaSet } from '../../src/replicaset/open-replica-set.js';
import type { TestCluster } from './cluster.js';
import { leaderMode, nodeMode, replicaMode } from './read-modes.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { openTestReplicaSet } from './replica-set.js';

/** Longer than any failure that a test makes: nobody is to be told that there is no answer. */
const deadlineMs = 30_000;

/** How many answers each kind of reader was given, and those that no client should get. */
export interface RegisterReport {
  readonly answers: ReadonlyMap<string, number>;
  readonly stale: readonly string[];
}

/**
 * One employee whose salary only grows, one step with each write, and readers in all modes that promise something: each
 * notes what was acknowledged before it asks, and must be told that or more. Readers with a bookmark ask for the last
 * acknowledged write, on a replica and on each node by name.
 */
export class Register {
  readonly #replicaSet: OpenReplicaSet;
  readonly #store: EmployeeStore;
  readonly #answers = new Map<string, number>();
  readonly #stale: string[] = [];
  #id = 0;
  #acknowledged: { salary: number; bookmark: string } = { salary: 0, bookmark: '' };
  #clients: Promise<unknown> = Promise.resolve();
  #stopped = false;

  /** Resolves when the employee is there and everybody is at work. */
  static async start(cluster: TestCluster): Promise<Register> {
    const register = new Register(cluster);
    await register.#begin(cluster.names);
    return register;
  }

  private constructor(cluster: TestCluster) {
    this.#replicaSet = openTestReplicaSet(cluster, { maxWaitingRequests: 100 });
    this.#replicaSet.start();
    this.#store = new EmployeeStore(this.#replicaSet, systemClock);
  }

  /** Resolves when each reader was given `count` more answers; those of nodes that are away do not count. */
  async waitForAnswers(count: number, { away = [] }: { away?: readonly string[] } = {}): Promise<void> {
    const before = new Map(this.#answers);
    const enough = () =>
      [...this.#answers].every(
        ([reader, answers]) => away.includes(reader) || answers >= (before.get(reader) ?? 0) + count,
      );
    await waitFor(`every reader was given ${count} answers`, enough, { timeoutMs: 60_000 });
  }

  /** Resolves when all have had their last answer. Rejects if any was told what none should be. */
  async stop(): Promise<RegisterReport> {
    this.#stopped = true;
    try {
      await this.#clients;
    } finally {
      await this.#replicaSet.stop();
    }
    return { answers: this.#answers, stale: this.#stale };
  }

  async #begin(nodes: readonly string[]): Promise<void> {
    const john = { id: null, name: `register ${randomUUID()}`, position: 'Worker', salary: 0, path: '' };
    const added = await this.#store.add(john, this.#writeCall());
    this.#id = added.result.id;
    this.#acknowledge(added);
    this.#clients = Promise.all([
      this.#write(),
      this.#read('leader', () => leaderMode),
      this.#read('linearizable', () => ({ ...leaderMode, assurance: 'linearizable' })),
      this.#read('replica', () => this.#withBookmark(replicaMode)),
      ...nodes.map((name) => this.#read(name, () => this.#withBookmark(nodeMode(name)))),
    ]);
    // Told by `stop`; until then nobody waits for it.
    this.#clients.catch(() => undefined);
  }

  async #write(): Promise<void> {
    for (let salary = 1; !this.#stopped; salary += 1) {
      try {
        this.#acknowledge(await this.#store.update(this.#id, { salary }, this.#writeCall()));
      } catch (error) {
        // It may have been applied or not: either is less than what comes next.
        if (!(error instanceof MutationOutcomeUnknownError)) throw error;
      }
      await setImmediate();
    }
  }

  async #read(reader: string, mode: () => ReadMode): Promise<void> {
    this.#answers.set(reader, 0);
    while (!this.#stopped) {
      const { salary: floor } = this.#acknowledged;
      const call = { mode: mode(), deadlineAt: systemClock.now() + deadlineMs };
      const employees = await this.#store.get([this.#id], call).catch((error: unknown) => {
        // A node that is away is not waited for, if it is asked by name.
        if (call.mode.target.kind === 'node' && Object(error).name === 'ClusterUnavailableError') return null;
        throw error;
      });
      if (employees !== null) {
        const seen = employees[0]?.salary ?? -1;
        if (seen < floor) this.#stale.push(`${reader} was told ${seen} when ${floor} was acknowledged`);
        this.#answers.set(reader, (this.#answers.get(reader) ?? 0) + 1);
      }
      await setImmediate();
    }
  }

  #acknowledge({ result, bookmark }: Written<Employee>): void {
    this.#acknowledged = { salary: result.salary, bookmark };
  }

  #withBookmark(mode: ReadMode): ReadMode {
    return { ...mode, bookmark: decodeBookmark(this.#acknowledged.bookmark, '') };
  }

  #writeCall() {
    return { idempotencyKey: randomUUID(), repeatableBy: null, deadlineAt: systemClock.now() + deadlineMs };
  }
}
