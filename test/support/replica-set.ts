import { pino } from 'pino';
import { chooseLogin } from '../../src/cluster-config/read.js';
import { systemClock } from '../../src/clock.js';
import {
  type NodeAddress,
  type OpenReplicaSet,
  openReplicaSet,
} from '../../src/replicaset/open-replica-set.js';
import type { TestCluster } from './cluster.js';

/** What a gateway opens, in front of the nodes of a test and without the rest of it. Not started; the caller stops it. */
export function openTestReplicaSet(
  cluster: TestCluster,
  options: {
    readonly maxWaitingRequests: number;
    /** Other than those that the nodes listen on: links to them. */
    readonly nodes?: readonly NodeAddress[];
  },
): OpenReplicaSet {
  return openReplicaSet({
    nodes: cluster.definition.nodes,
    ...chooseLogin(cluster.definition, { user: 'gateway', password: null }),
    clock: systemClock,
    log: pino({ level: 'silent' }),
    pollIntervalMs: 50,
    maxWaitingBytes: 1_000_000,
    ...options,
  });
}
