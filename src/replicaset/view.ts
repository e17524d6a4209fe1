import type { NodeStatus } from '../tarantool/node-status.js';

/** A node that belongs to the replica set, and nothing that was seen of it. */
export interface Member {
  readonly name: string;
  /** `host:port` */
  readonly uri: string;
}

/** One node as last seen. */
export interface NodeView extends Member {
  /** `unknown` until the first observation. */
  readonly reach: 'unknown' | 'reachable' | 'unreachable';
  /** The node's last own words; kept while it is unreachable, then to be read as history. */
  readonly status: NodeStatus | null;
  /** Why it is unreachable, or why its claim to lead is not believed, in words for an operator. */
  readonly problem: string | null;
  readonly lastSeenAt: Date | null;
}

/**
 * How the replica set stands.
 *
 * | state | meaning |
 * | --- | --- |
 * | `led` | one node leads in the highest term known and is writable: `leader` names it |
 * | `electing` | a quorum of nodes answers, but nobody is a writable leader |
 * | `no-quorum` | fewer nodes than a majority answer, and none is a writable leader |
 * | `split` | two nodes claim to lead one term, which Raft forbids: nobody is used, an operator is needed |
 */
export type ReplicaSetStanding = 'led' | 'electing' | 'no-quorum' | 'split';

/** The replica set as this gateway sees it: immutable, replaced by the reducer, safe to keep a reference to. */
export interface ReplicaSetView {
  readonly state: ReplicaSetStanding;
  /** Highest term that a leader or a majority has confirmed. Never falls. */
  readonly term: number;
  /** Name of the writable leader; null unless `state` is `led`. */
  readonly leader: string | null;
  /** Leader before this one, or the one that was lost. */
  readonly previousLeader: string | null;
  /** Nodes needed to elect and to confirm a write: more than half. */
  readonly quorum: number;
  readonly nodes: readonly NodeView[];
  readonly observedAt: Date;
}

/** A change of leadership, in the order in which this gateway saw them. */
export interface LeadershipEvent {
  /** Counts from 1 and has no gaps. */
  readonly sequence: number;
  readonly kind: 'ELECTED' | 'LOST';
  readonly term: number;
  readonly leader: string | null;
  readonly previousLeader: string | null;
  readonly at: Date;
  /**
   * For `ELECTED`: how long nobody led, as this gateway saw it; 0 when one followed the other without a gap, null for
   * the first leader ever seen. For `LOST`: null.
   */
  readonly leaderlessMs: number | null;
}
