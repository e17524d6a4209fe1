import { NodeError, type NodeErrorCode, type Outcome } from '../../../src/tarantool/errors.js';
import type { NodeStatus, ReplicationStream } from '../../../src/tarantool/node-status.js';
import type { NodePhase } from '../../../src/tarantool/node.js';
import type { Reply } from '../../../src/tarantool/reply.js';
import type { NodeConnection } from '../../../src/replicaset/open-replica-set.js';

const streamReply = (given: ReplicationStream | null) =>
  given && { status: given.status, lag: given.lagSeconds, idle: given.idleSeconds, message: given.message };

/** A status as `replicaset.status` answers it. */
export function statusReply(status: NodeStatus): Reply {
  const { instanceUuid, bootId, uptimeSeconds, readOnlyReason, schemaVersion, replication, ...same } = status;
  return {
    ...same,
    status: 'ok',
    instance_uuid: instanceUuid,
    boot_id: bootId,
    uptime: uptimeSeconds,
    schema_version: schemaVersion,
    read_only_reason: readOnlyReason,
    replication: replication.map(({ peer, upstream, downstream }) => ({
      peer,
      upstream: streamReply(upstream),
      downstream: streamReply(downstream),
    })),
  };
}

/** A call under way on a fake node, for the test to end. */
export interface FakeCall {
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly deadlineAt: number;
  readonly answer: (reply: Reply) => void;
  readonly fail: (code: NodeErrorCode, outcome?: Outcome) => void;
}

/**
 * One connection to a node that a test plays. It keeps the promise of the real one: a call settles by its deadline.
 * `onCall` may answer by itself; calls left alone stay in `calls`.
 */
export class FakeConnection implements NodeConnection {
  readonly name: string;
  readonly calls: FakeCall[] = [];
  onCall: ((call: FakeCall) => void) | null = null;
  /** What was asked of the connection, in order; calls only while it was not connected. */
  readonly asked: string[] = [];
  readonly #onPhase: (phase: NodePhase) => void;
  #ready = false;
  #epoch = 0;

  constructor(options: { name: string; onPhase?: (phase: NodePhase) => void }) {
    this.name = options.name;
    this.#onPhase = options.onPhase ?? (() => undefined);
  }

  start(): void {
    this.asked.push('start');
    this.#onPhase({ phase: 'connecting', attempt: 1 });
  }

  stop(): void {
    this.asked.push('stop');
    this.#drop();
    this.#onPhase({ phase: 'stopped' });
  }

  wake(): void {
    this.asked.push('wake');
  }

  renew(): void {
    this.asked.push('renew');
    if (this.#ready) this.disconnect();
  }

  /** The connection is made. */
  connect(): void {
    this.#ready = true;
    this.#epoch += 1;
    this.#onPhase({ phase: 'ready', epoch: this.#epoch });
  }

  /** The connection breaks, or is refused. */
  disconnect(): void {
    this.#drop();
    const reason = this.#error('CONNECTION_LOST', 'not-applied');
    this.#onPhase({ phase: 'waiting', attempt: 1, retryAt: 0, reason });
  }

  call(fn: string, args: readonly unknown[], deadlineAt: number): Promise<Reply> {
    if (!this.#ready) {
      this.asked.push('call');
      return Promise.reject(this.#error('NOT_CONNECTED', 'not-applied'));
    }
    return new Promise((resolve, reject) => {
      const fail: FakeCall['fail'] = (code, outcome = 'not-applied') =>
        end(() => reject(this.#error(code, outcome)));
      const call: FakeCall = { fn, args, deadlineAt, fail, answer: (reply) => end(() => resolve(reply)) };
      const timer = setTimeout(() => fail('TIMEOUT', 'unknown'), Math.ceil(deadlineAt - performance.now()));
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        if (this.calls.includes(call)) this.calls.splice(this.calls.indexOf(call), 1);
        settle();
      };
      this.calls.push(call);
      this.onCall?.(call);
    });
  }

  #drop(): void {
    this.#ready = false;
    for (const call of this.calls.splice(0)) call.fail('CONNECTION_LOST', 'unknown');
  }

  #error(code: NodeErrorCode, outcome: Outcome): NodeError {
    return new NodeError(code, { outcome, node: this.name, message: `${this.name}: ${code}` });
  }
}
