/**
 * A planned change of leader: asks the leader to hand over, and looks at the view until the node that was named leads.
 *
 * | state | meaning | next |
 * | --- | --- | --- |
 * | checking | looks in the current view whether it can be, synchronously before the call | done, refused, or asking |
 * | asking | the leader was called; requests wait for a leader meanwhile | waiting; refused; done as soon as the view says so |
 * | waiting | the leader has said that the node is elected, or has said nothing | done; refused when another is elected; failed at the deadline |
 *
 * The view decides, not the call: when the connection to the old leader breaks, the new one may lead all the same.
 */
import type { Clock } from '../clock.js';
import { NodeError } from '../tarantool/errors.js';
import type { TarantoolNode } from '../tarantool/node.js';
import type { Reply } from '../tarantool/reply.js';
import {
  ClusterUnavailableError,
  StoppingError,
  TransferRefusedError,
  TransferUnconfirmedError,
  UnknownNodeError,
} from './errors.js';
import type { ReplicaSetObserver, ReplicaSetOperator } from './replica-set.js';
import { isTransferRefusal, type TransferRefusal } from './transfer-refusals.js';
import type { ReplicaSetView } from './view.js';
import { waitForView } from './wait-for-view.js';

export interface TransferParts {
  readonly clock: Clock;
  readonly observer: ReplicaSetObserver;
  /** By name of the node: the connections for requests. */
  readonly nodes: ReadonlyMap<string, Pick<TarantoolNode, 'call'>>;
  /** Has every node polled at once: another one leads. */
  readonly probeAll: () => void;
}

/** What the view alone says of a transfer. */
export type TransferCheck =
  | { readonly kind: 'done' }
  | { readonly kind: 'refuse'; readonly reason: TransferRefusal }
  | { readonly kind: 'ask'; readonly leader: string; readonly term: number };

/** Pure. How far a node is behind only the leader knows: a view is some milliseconds old. */
export function checkTransfer(view: ReplicaSetView, to: string): TransferCheck {
  const { leader, term } = view;
  if (leader === to) return { kind: 'done' };
  if (leader === null) return { kind: 'refuse', reason: 'NO_LEADER' };
  const reach = view.nodes.find(({ name }) => name === to)?.reach;
  return reach === 'reachable' ? { kind: 'ask', leader, term } : { kind: 'refuse', reason: 'UNREACHABLE' };
}

export class LeadershipTransfer implements ReplicaSetOperator {
  readonly #parts: TransferParts;
  readonly #stopping = new AbortController();

  constructor(parts: TransferParts) {
    this.#parts = parts;
  }

  /** As {@link ReplicaSetOperator.transferLeadership}. */
  async transferLeadership(to: string, { deadlineAt }: { deadlineAt: number }): Promise<void> {
    const { nodes, observer } = this.#parts;
    if (!nodes.has(to)) throw new UnknownNodeError(to, [...nodes.keys()]);
    const check = checkTransfer(observer.view, to);
    switch (check.kind) {
      case 'done':
        return;
      case 'refuse':
        throw this.#refused(to, check.reason);
      case 'ask':
        return this.#handOver(to, { ...check, deadlineAt });
      default:
        return check satisfies never;
    }
  }

  /** Rejects those under way, and all later ones that are not done at once, with StoppingError. */
  stop(): void {
    this.#stopping.abort(new StoppingError('The gateway is stopping'));
  }

  async #handOver(
    to: string,
    { leader, term, deadlineAt }: { leader: string; term: number; deadlineAt: number },
  ): Promise<void> {
    const { clock, observer } = this.#parts;
    const expiry = new AbortController();
    const timer = setTimeout(() => expiry.abort(), Math.max(0, deadlineAt - clock.now()));
    const isDecided = (view: ReplicaSetView): boolean =>
      view.leader === to || (view.leader !== null && view.term > term);
    const decided = waitForView(observer, isDecided, AbortSignal.any([expiry.signal, this.#stopping.signal]));
    try {
      // Resolves only when there is nothing left but to look at the view.
      const asked = this.#ask(leader, { to, deadlineAt }).then(() => decided);
      const view = await Promise.race([decided, asked]);
      if (view.leader !== to) throw this.#refused(to, 'NOT_ELECTED');
    } catch (error) {
      throw expiry.signal.aborted && error === expiry.signal.reason
        ? new TransferUnconfirmedError(to)
        : error;
    } finally {
      clearTimeout(timer);
      expiry.abort();
    }
  }

  /** Resolves when the leader has handed over, or when it is not known what it did. */
  async #ask(leader: string, { to, deadlineAt }: { to: string; deadlineAt: number }): Promise<void> {
    const { clock, nodes, probeAll } = this.#parts;
    const timeout = Math.max(0, deadlineAt - clock.now()) / 1000;
    try {
      const reply = await nodes
        .get(leader)
        ?.call('replicaset.transfer_leadership', [{ to, timeout }], deadlineAt);
      if (reply?.status === 'rejected') throw this.#refusedBy(reply, to);
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      if (error.code === 'READ_ONLY') throw this.#refused(to, 'NO_LEADER');
      if (error.outcome === 'not-applied') throw this.#unavailable(error);
    } finally {
      probeAll();
    }
  }

  #refused(to: string, reason: TransferRefusal): TransferRefusedError {
    return new TransferRefusedError({ reason, to, leader: this.#parts.observer.view.leader });
  }

  #refusedBy({ reason, rows_behind: rowsBehind }: Reply, to: string): TransferRefusedError {
    return new TransferRefusedError({
      // A reason that is not known yet comes from nodes that are newer than the gateway.
      reason: isTransferRefusal(reason) ? reason : 'NOT_ELECTED',
      to,
      leader: this.#parts.observer.view.leader,
      ...(typeof rowsBehind === 'number' && { rowsBehind }),
    });
  }

  #unavailable(cause: NodeError): ClusterUnavailableError {
    const { term, leader, previousLeader } = this.#parts.observer.view;
    const summary = 'The leader could not be asked to hand over';
    return new ClusterUnavailableError({
      summary,
      term,
      lastLeader: leader ?? previousLeader,
      waitedMs: 0,
      cause,
    });
  }
}
