import { type ConfigMap, valueAt } from './scopes.js';

/** What the nodes' own times mean for the requests of a gateway. Milliseconds. */
export interface ClusterTiming {
  /** What a failover takes at worst when the votes split once and nobody helps: a leader that is frozen, say. */
  readonly failoverMs: number;
  /** For how long the nodes remember what became of a write. */
  readonly outcomesKeptMs: number;
}

/** Tarantool's defaults for `replication.timeout` and `replication.election_timeout`, in seconds. */
const defaultTimeout = 1;
const defaultElectionTimeout = 5;
/** As in employees/outcomes.lua. */
const defaultOutcomesKept = 600;

/**
 * A follower gives up a silent leader after four missed heartbeats (`raft_sm_wait_leader_dead` in Tarantool's raft.c). A
 * split vote then costs an election timeout and up to a tenth of it.
 */
export const failoverMsOf = (replicationTimeoutSeconds: number, electionTimeoutSeconds: number): number =>
  1000 * (4 * replicationTimeoutSeconds + 1.1 * electionTimeoutSeconds);

export function timingOf(instances: readonly ConfigMap[]): ClusterTiming {
  const failovers = instances.map((options) => {
    const timeout = secondsAt(options, ['replication', 'timeout']) ?? defaultTimeout;
    const election = secondsAt(options, ['replication', 'election_timeout']) ?? defaultElectionTimeout;
    return failoverMsOf(timeout, election);
  });
  const kept = instances.map(
    (options) =>
      1000 *
      (secondsAt(options, ['roles_cfg', 'roles.employees', 'keep_outcomes_for']) ?? defaultOutcomesKept),
  );
  return { failoverMs: Math.max(...failovers), outcomesKeptMs: Math.min(...kept) };
}

function secondsAt(options: ConfigMap, path: readonly string[]): number | null {
  const value = valueAt(options, ...path);
  return typeof value === 'number' ? value : null;
}
