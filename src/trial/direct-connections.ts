import { systemClock } from '../clock.js';
import type { ClusterDefinition } from '../cluster-config/read.js';
import { TarantoolNode } from '../tarantool/node.js';
import { type NodeStatus, parseNodeStatus } from '../tarantool/node-status.js';
import type { Reply } from '../tarantool/reply.js';
import { waitFor } from './wait-for.js';

interface Request {
  readonly user: string;
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly timeoutMs: number;
}

/** Connections to the nodes of a cluster past every gateway and every proxy: for the truth. */
export class DirectConnections {
  readonly #definition: ClusterDefinition;
  readonly #connections = new Map<string, TarantoolNode>();

  constructor(definition: ClusterDefinition) {
    this.#definition = definition;
  }

  /** What a node says of itself, as the gateway's user is told. */
  async status(name: string, timeoutMs: number): Promise<NodeStatus> {
    const request = { user: 'gateway', fn: 'replicaset.status', args: [], timeoutMs };
    return parseNodeStatus(await this.call(name, request));
  }

  /** A connection of its own to a node, as the gateway's user, ready for calls. The caller stops it. */
  async open(name: string): Promise<TarantoolNode> {
    const connection = this.#connect('gateway', name);
    await waitFor(`${name} accepts a connection`, () => connection.phase.phase === 'ready');
    return connection;
  }

  /** Waits for the connection and for the answer, `timeoutMs` each. */
  async call(name: string, { user, fn, args, timeoutMs }: Request): Promise<Reply> {
    const connection = this.#shared(user, name);
    const ready = () => {
      connection.wake();
      return connection.phase.phase === 'ready';
    };
    await waitFor(`${name} accepts ${user}`, ready, { timeoutMs });
    return connection.call(fn, args, systemClock.now() + timeoutMs);
  }

  stop(): void {
    for (const connection of this.#connections.values()) connection.stop();
  }

  #shared(user: string, name: string): TarantoolNode {
    const key = `${user}@${name}`;
    const known = this.#connections.get(key);
    if (known !== undefined) return known;
    const connection = this.#connect(user, name);
    this.#connections.set(key, connection);
    return connection;
  }

  #connect(user: string, name: string): TarantoolNode {
    const node = this.#definition.nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new Error(`There is no node ${name}`);
    const { host, port } = node;
    const password = this.#definition.users.get(user) ?? '';
    const address = { name, host, port, user, password };
    const connection = new TarantoolNode({ ...address, clock: systemClock, random: Math.random });
    connection.start();
    return connection;
  }
}
