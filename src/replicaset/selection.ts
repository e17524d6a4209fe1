import type { NodeStatus } from '../tarantool/node-status.js';
import type { ReadTarget } from './replica-set.js';
import type { NodeView, ReplicaSetView } from './view.js';

/** Whom to send a request to now. */
export type Choice =
  | { readonly kind: 'use'; readonly node: string }
  /** Nobody yet; the next view may have somebody. */
  | { readonly kind: 'wait' }
  /** Waiting is of no use. */
  | { readonly kind: 'fail'; readonly message: string };

/** What beside the view decides between nodes that are equally good. */
export interface Preference {
  /** Rises with every choice of a replica, so that they take turns. */
  readonly turn: number;
  /** The node that has just failed this request: only used again when there is no other. */
  readonly avoid: string | null;
}

/** A follower further behind is catching up after a restart, or stuck: it is no replica to read from. */
const longestLagSeconds = 1;
/** Lags that differ by less differ by noise. */
const lagToleranceSeconds = 0.1;

/**
 * Chooses a node for a request. Pure.
 *
 * A named node is taken at its word, whatever its role. When it is unreachable the request fails at once, since
 * somebody who names a node wants to know how *it* does; only the very first connection is waited for.
 */
export function chooseNode(view: ReplicaSetView, target: ReadTarget, preference: Preference): Choice {
  switch (target.kind) {
    case 'leader':
      return useOrWait(view.leader);
    case 'replica':
      return useOrWait(chooseReplica(view, preference));
    case 'node':
      return chooseNamed(view, target.name);
    default:
      return target satisfies never;
  }
}

function chooseNamed(view: ReplicaSetView, name: string): Choice {
  const node = view.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) return { kind: 'fail', message: `Node ${name} is no member any more` };
  if (node.reach === 'unreachable') return { kind: 'fail', message: `Node ${name} is unreachable` };
  return useOrWait(node.reach === 'reachable' ? name : null);
}

const useOrWait = (node: string | null): Choice => (node === null ? { kind: 'wait' } : { kind: 'use', node });

function chooseReplica(view: ReplicaSetView, { turn, avoid }: Preference): string | null {
  const healthy = view.nodes.flatMap((node) => {
    const lag = lagOf(node, view.leader);
    return lag === null || lag > longestLagSeconds ? [] : [{ name: node.name, lag }];
  });
  const others = healthy.filter(({ name }) => name !== avoid);
  const least = Math.min(...others.map(({ lag }) => lag));
  const level = others.filter(({ lag }) => lag <= least + lagToleranceSeconds);
  // The leader is level with everybody, but has other work; whoever has just failed is better than nobody.
  return level[turn % level.length]?.name ?? view.leader ?? healthy[0]?.name ?? null;
}

/** Seconds that a healthy follower is behind; null for any other node. */
function lagOf({ name, reach, status }: NodeView, leader: string | null): number | null {
  if (reach !== 'reachable' || status === null || status.role !== 'follower' || name === leader) return null;
  return leader === null ? lagWithoutLeader(status) : lagBehind(status, leader);
}

function lagBehind({ replication }: NodeStatus, leader: string): number | null {
  const upstream = replication.find((link) => link.peer === leader)?.upstream;
  return upstream?.status === 'follow' ? (upstream.lagSeconds ?? 0) : null;
}

/** While nobody leads there is nothing to be behind of; but a node whose replication stopped has diverged. */
function lagWithoutLeader({ replication }: NodeStatus): number | null {
  return replication.some((link) => link.upstream?.status === 'stopped') ? null : 0;
}
