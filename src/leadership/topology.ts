import type { ReplicationStream as StreamStatus } from '../tarantool/node-status.js';
import type { NodeView, ReplicaSetView } from '../replicaset/view.js';
import type { NodeRole, ReplicaSetNode, ReplicationStream, Topology } from './topology.type.js';

const roles = { leader: 'LEADER', follower: 'FOLLOWER', candidate: 'CANDIDATE' } as const;

/** What clients see of a view. */
export function topologyOf(view: ReplicaSetView): Topology {
  const nodes = view.nodes.map((node) => nodeOf(node, view));
  return {
    term: view.term,
    leader: nodes.find(({ name }) => name === view.leader) ?? null,
    writable: view.leader !== null,
    quorum: view.quorum,
    nodes,
    observedAt: view.observedAt,
  };
}

/** The node of this name, or null when there is none. */
export function nodeNamed(name: string | null, view: ReplicaSetView): ReplicaSetNode | null {
  const node = view.nodes.find((candidate) => candidate.name === name);
  return node === undefined ? null : nodeOf(node, view);
}

/**
 * Equal for views between which no client would want to hear a change: what only counts or ages is left out
 * (log positions, lag, idle and up times, when each was seen).
 */
export function digestOf({ term, leader, nodes }: Topology): string {
  const facts = nodes.map(
    ({ name, uri, role, writable, readOnlyReason, version, term: own, replication }) => [
      name,
      uri,
      role,
      writable,
      readOnlyReason,
      version,
      own,
      replication.map(({ peer, upstream, downstream }) => [peer, upstream?.status, downstream?.status]),
    ],
  );
  return JSON.stringify([term, leader?.name, facts]);
}

function nodeOf({ name, uri, reach, status, lastSeenAt }: NodeView, view: ReplicaSetView): ReplicaSetNode {
  const heard = reach === 'reachable' ? status : null;
  const role: NodeRole = heard === null ? 'UNREACHABLE' : roles[heard.role];
  return {
    name,
    uri,
    role,
    reachable: heard !== null,
    writable: name === view.leader,
    readOnlyReason: heard?.readOnlyReason ?? null,
    term: status?.term ?? null,
    // Negative until the node has a place in the replica set.
    lsn: status === null || status.lsn < 0 ? null : status.lsn,
    version: status?.version ?? null,
    uptimeSeconds: heard?.uptimeSeconds ?? null,
    lastSeenAt,
    replication: (heard?.replication ?? []).map(({ peer, upstream, downstream }) => ({
      peer,
      upstream: streamOf(upstream),
      downstream: streamOf(downstream),
    })),
  };
}

function streamOf(stream: StreamStatus | null): ReplicationStream | null {
  if (stream === null) return null;
  const { status, lagSeconds, idleSeconds, message } = stream;
  return { status, lag: lagSeconds, idle: idleSeconds, message };
}
