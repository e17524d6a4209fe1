import { vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { openReplicaSet } from '../../../src/replicaset/open-replica-set.js';
import type { NodeStatus } from '../../../src/tarantool/node-status.js';
import { FakeConnection, statusReply } from './fake-node.js';
import { MemoryLog } from './memory-log.js';

/** A replica set over nodes that a test plays, on fake timers. Two connections for each node: for polls, for requests. */
export class FakeCluster {
  readonly log = new MemoryLog();
  readonly replicaSet;
  readonly #pollIntervalMs: number;
  readonly #connections = new Map<string, FakeConnection[]>();

  constructor({
    names = ['a', 'b', 'c'],
    maxWaitingRequests = 100,
    maxWaitingBytes = 10_000,
    pollIntervalMs = 10,
  } = {}) {
    this.#pollIntervalMs = pollIntervalMs;
    this.replicaSet = openReplicaSet({
      nodes: names.map((name) => ({ name, host: name, port: 3301 })),
      user: 'gateway',
      password: 'secret',
      clock: systemClock,
      log: this.log,
      pollIntervalMs,
      maxWaitingRequests,
      maxWaitingBytes,
      openNode: (options) => {
        const connection = new FakeConnection(options);
        this.#connections.set(options.name, [...(this.#connections.get(options.name) ?? []), connection]);
        return connection;
      },
    });
  }

  /** The connection of a node for requests. */
  node(name: string): FakeConnection {
    return this.#connection(name, 0);
  }

  /** The connection of a node for polls. */
  polls(name: string): FakeConnection {
    return this.#connection(name, 1);
  }

  /** Starts and connects everything; then each node has said its status. */
  async start(...statuses: readonly NodeStatus[]): Promise<void> {
    this.replicaSet.start();
    for (const name of this.#connections.keys()) this.node(name).connect();
    for (const name of this.#connections.keys()) this.polls(name).connect();
    await this.say(...statuses);
  }

  /** From now on these nodes answer each poll so; returns when it has been heard. */
  async say(...statuses: readonly NodeStatus[]): Promise<void> {
    for (const status of statuses) {
      const polls = this.polls(status.name);
      polls.onCall = (call) => call.answer(statusReply(status));
      for (const call of polls.calls.splice(0)) call.answer(statusReply(status));
    }
    await vi.advanceTimersByTimeAsync(this.#pollIntervalMs);
  }

  /** The node stops answering, with its connections open. */
  freeze(name: string): void {
    this.polls(name).onCall = null;
    this.node(name).onCall = null;
  }

  /** The process of the node dies. */
  kill(name: string): void {
    this.node(name).disconnect();
    this.polls(name).disconnect();
  }

  #connection(name: string, index: number): FakeConnection {
    const connection = this.#connections.get(name)?.[index];
    if (connection === undefined) throw new Error(`No node ${name}`);
    return connection;
  }
}
