import type { NodeStatus, ReplicationLink } from '../../../src/tarantool/node-status.js';
import type { Observation } from '../../../src/replicaset/observation.js';
import type { LeadershipEvent, ReplicaSetView } from '../../../src/replicaset/view.js';

/** A status as a healthy node would give it; what a test is about is given. */
export function statusOf(name: string, given: Partial<NodeStatus> = {}): NodeStatus {
  return {
    name,
    instanceUuid: `uuid-of-${name}`,
    bootId: `boot-of-${name}`,
    version: '3.3.0',
    uptimeSeconds: 60,
    pid: null,
    role: 'follower',
    term: 1,
    leader: null,
    writable: false,
    readOnlyReason: 'election',
    lsn: 100,
    schemaVersion: 1,
    replication: [],
    ...given,
  };
}

export const leaderOf = (name: string, term: number): NodeStatus =>
  statusOf(name, { role: 'leader', term, leader: name, writable: true, readOnlyReason: null });

export function followerOf(leader: string, name: string, { term = 1, lagSeconds = 0 } = {}): NodeStatus {
  return statusOf(name, { term, leader, replication: [upstream(leader, { lagSeconds })] });
}

export function upstream(peer: string, { status = 'follow', lagSeconds = 0 } = {}): ReplicationLink {
  return { peer, upstream: { status, lagSeconds, idleSeconds: 0, message: null }, downstream: null };
}

/**
 * One observation in the notation of the scenarios, for nodes called 1, 2, 3 and so on:
 * `1:L5` leads term 5 and is writable, `1:L5ro` leads but is read-only, `2:F5>1` follows 1 in term 5, `2:F5>0` follows
 * nobody, `2:C6` is a candidate, `1:X` cannot be reached, `1:R` refused a request with "read-only".
 */
export function parseNews(text: string, asOf: number): Observation {
  const match = /^(\d+):(?:([LFC])(\d+)(ro)?(?:>(\d+))?|([XR]))$/.exec(text);
  if (match === null) throw new Error(`Not in the notation: ${text}`);
  const [, node = '', role, term, readOnly, leader, failure] = match;
  if (failure === 'X') return { kind: 'unreachable', node, asOf, problem: 'connection refused' };
  if (failure === 'R') return { kind: 'refused', node, asOf, reason: 'read-only' };
  return {
    kind: 'answered',
    node,
    asOf,
    status: statusFrom(node, { role, term: Number(term), readOnly, leader }),
  };
}

function statusFrom(
  node: string,
  word: { role: string | undefined; term: number; readOnly: string | undefined; leader: string | undefined },
): NodeStatus {
  const { term } = word;
  if (word.role === 'C') return statusOf(node, { role: 'candidate', term });
  if (word.role === 'F')
    return statusOf(node, { term, leader: word.leader === '0' ? null : (word.leader ?? null) });
  return word.readOnly === undefined
    ? leaderOf(node, term)
    : statusOf(node, { role: 'leader', term, leader: node, readOnlyReason: 'synchro' });
}

/** `led 2 t6`, `electing t6`, ... */
export const describeView = ({ state, leader, term }: ReplicaSetView): string =>
  [state, ...(leader === null ? [] : [leader]), `t${term}`].join(' ');

/** `ELECTED 2 t6 after 300ms`, `ELECTED 1 t5 first`, `LOST 1 t5`. */
export function describeEvent({ kind, term, leader, previousLeader, leaderlessMs }: LeadershipEvent): string {
  if (kind === 'LOST') return `LOST ${previousLeader} t${term}`;
  return `ELECTED ${leader} t${term} ${leaderlessMs === null ? 'first' : `after ${leaderlessMs}ms`}`;
}
