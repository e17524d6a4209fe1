import type { Change, NodeState, StreamState, TopologyState } from '../../../web/console/api/operations.js';

/** What a gateway tells, for tests of what the console makes of it. Times are seconds of one minute. */

const at = (second: number): string =>
  new Date(Date.UTC(2030, 0, 1, 12, 0, 0) + second * 1_000).toISOString();
export const instant = (second: number): number => Date.parse(at(second));

const named = (name: string | null) => (name === null ? null : { name });

export const lost = (sequence: number, name: string, { second = sequence, term = 1 } = {}): Change => ({
  sequence,
  kind: 'LOST',
  term,
  at: at(second),
  leaderlessMs: null,
  leader: null,
  previousLeader: { name },
});

interface Elected {
  readonly second?: number;
  readonly term?: number;
  readonly after?: string | null;
  readonly ms?: number | null;
}

export const elected = (
  sequence: number,
  name: string,
  { second = sequence, term = sequence, after = null, ms = null }: Elected = {},
): Change => ({
  sequence,
  kind: 'ELECTED',
  term,
  at: at(second),
  leaderlessMs: ms,
  leader: { name },
  previousLeader: named(after),
});

export const current = (sequence: number, leader: string | null, ms: number | null = null): Change => ({
  sequence,
  kind: 'CURRENT',
  term: sequence,
  at: at(sequence),
  leaderlessMs: ms,
  leader: named(leader),
  previousLeader: null,
});

export const follow = (lag = 0): StreamState => ({ status: 'follow', lag, message: null });

/** A follower that receives from each of `peers` and sends to them. */
export function node(name: string, peers: readonly string[], changes: Partial<NodeState> = {}): NodeState {
  return {
    name,
    uri: `${name}:3301`,
    role: 'FOLLOWER',
    reachable: true,
    writable: false,
    readOnlyReason: 'election',
    term: 1,
    version: '3.3.0',
    uptimeSeconds: 1,
    lastSeenAt: at(0),
    replication: peers.map((peer) => ({ peer, upstream: follow(0.001), downstream: follow() })),
    ...changes,
  };
}

/** All nodes well, and the first one leads. */
export function topology(names: readonly string[], changes: Partial<TopologyState> = {}): TopologyState {
  const nodes = names.map((name, index) =>
    node(
      name,
      names.filter((peer) => peer !== name),
      index === 0 ? { role: 'LEADER', writable: true, readOnlyReason: null } : {},
    ),
  );
  return {
    term: 1,
    writable: true,
    quorum: Math.floor(names.length / 2) + 1,
    observedAt: at(0),
    leader: named(names[0] ?? null),
    nodes,
    ...changes,
  };
}
