import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { systemClock } from '../../src/clock.js';
import { MutationOutcomeUnknownError } from '../../src/employees/employee.errors.js';
import { EmployeeStore, type WriteCall } from '../../src/employees/employee.store.js';
import { ClusterUnavailableError } from '../../src/replicaset/errors.js';
import type { OpenReplicaSet } from '../../src/replicaset/open-replica-set.js';
import type { TestCluster } from './cluster.js';
import { Ledger, type State, type Told } from './ledger.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { openTestReplicaSet } from './replica-set.js';

/** Longer than an election, shorter than an outage: both answers of a gateway are heard. */
const deadlineMs = 2_000;

/**
 * Writers that add, change and remove employees, each one request after another, as a gateway would send them. What they
 * are told is in the ledger.
 */
export class Load {
  readonly ledger = new Ledger();
  readonly #replicaSet: OpenReplicaSet;
  readonly #store: EmployeeStore;
  readonly #writers: Promise<void>;
  #stopped = false;

  static start(cluster: TestCluster, { writers = 8 }: { writers?: number } = {}): Load {
    return new Load(cluster, writers);
  }

  private constructor(cluster: TestCluster, writers: number) {
    this.#replicaSet = openTestReplicaSet(cluster, { maxWaitingRequests: writers });
    this.#replicaSet.start();
    this.#store = new EmployeeStore(this.#replicaSet, systemClock);
    this.#writers = Promise.all(Array.from({ length: writers }, () => this.#write())).then(() => undefined);
    // Told by `stop`; until then nobody waits for it.
    this.#writers.catch(() => undefined);
  }

  /** Resolves when `count` more writes than now have been acknowledged. */
  async waitForProgress(count: number): Promise<void> {
    const { acknowledged } = this.ledger.counts;
    const enough = () => this.ledger.counts.acknowledged >= acknowledged + count;
    await waitFor(`${count} writes are acknowledged`, enough, { timeoutMs: 30_000 });
  }

  /** Resolves when the last request has its answer. Rejects if any was answered as none should be. */
  async stop(): Promise<void> {
    this.#stopped = true;
    try {
      await this.#writers;
    } finally {
      await this.#replicaSet.stop();
    }
  }

  async #write(): Promise<void> {
    for (let turn = 0; !this.#stopped; turn += 1) {
      await this.#liveOnce({ name: `employee ${randomUUID()}`, leaves: turn % 3 === 0 });
      // The test has something to do as well.
      await setImmediate();
    }
  }

  /** One employee comes, gets a rise, and perhaps leaves: as long as it is known how things stand. */
  async #liveOnce({ name, leaves }: { name: string; leaves: boolean }): Promise<void> {
    let id = 0;
    const add = async (call: WriteCall) => {
      const { result } = await this.#store.add(
        { id: null, name, position: 'Worker', salary: 1, path: '' },
        call,
      );
      ({ id } = result);
    };
    const steps = [
      { before: null, after: 1, write: add },
      { before: 1, after: 2, write: (call: WriteCall) => this.#store.update(id, { salary: 2 }, call) },
      ...(leaves
        ? [{ before: 2, after: null, write: (call: WriteCall) => this.#store.remove(id, call) }]
        : []),
    ];
    for (const { before, after, write } of steps) {
      const told = await this.#record(name, { before, after }, write);
      if (told !== 'acknowledged') return;
    }
  }

  async #record(
    name: string,
    change: { before: State; after: State },
    write: (call: WriteCall) => Promise<unknown>,
  ): Promise<Told> {
    const told = await write({
      idempotencyKey: randomUUID(),
      repeatableBy: null,
      deadlineAt: systemClock.now() + deadlineMs,
    }).then(() => 'acknowledged' as const, whatWasTold);
    this.ledger.record(name, { ...change, told });
    return told;
  }
}

function whatWasTold(error: unknown): Told {
  if (error instanceof ClusterUnavailableError) return 'not-applied';
  if (error instanceof MutationOutcomeUnknownError) return 'unknown';
  throw error;
}
