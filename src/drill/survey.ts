import { systemClock } from '../clock.js';
import type { Configuration } from '../configuration.js';
import { silentLog } from '../log.js';
import { OperatorError } from '../operator-error.js';
import { openReplicaSet } from '../replicaset/open-replica-set.js';
import type { NodeView, ReplicaSetView } from '../replicaset/view.js';
import { waitForView } from '../replicaset/wait-for-view.js';
import { timeLimit } from '../time-limit.js';
import { whyNotWritable } from '../topology-text.js';

/** A cluster that has just been started may still be electing; one that is well is known in milliseconds. */
const patienceMs = 3_000;

/** Asks the nodes of the configuration themselves, until it is known how they stand. */
export async function surveyNodes(
  { settings, cluster, login }: Configuration,
  signal: AbortSignal,
): Promise<ReplicaSetView> {
  const { pollIntervalMs, maxWaitingRequests, maxWaitingBytes } = settings;
  const shared = { clock: systemClock, log: silentLog, pollIntervalMs, maxWaitingRequests, maxWaitingBytes };
  const replicaSet = openReplicaSet({ nodes: cluster.nodes, ...login, ...shared });
  try {
    replicaSet.start();
    const limit = timeLimit(patienceMs, signal);
    await waitForView(replicaSet, isSettled, limit).catch(() => undefined);
    signal.throwIfAborted();
    return replicaSet.view;
  } finally {
    await replicaSet.stop();
  }
}

/** Nobody is there, or everybody is, with a leader. Somebody who is missing may be about to come. */
function isSettled({ state, nodes }: ReplicaSetView): boolean {
  const all = (reach: NodeView['reach']) => nodes.every((node) => node.reach === reach);
  return all('unreachable') || (all('reachable') && state === 'led');
}

/**
 * Whether the drill may be about these nodes: `running` when all answer and one of them leads, `absent` when none
 * answers. Anything in between is somebody's trouble already.
 * @throws OperatorError
 */
export function judgeSurvey(view: ReplicaSetView): 'running' | 'absent' {
  if (view.nodes.every(({ reach }) => reach !== 'reachable')) return 'absent';
  const obstacle = whyNotKill(view);
  if (obstacle !== null) throw new OperatorError('Nothing was killed', [obstacle]);
  return 'running';
}

/** Why killing the leader would do harm: the survivors must be able to elect another. Null when it would not. */
export function whyNotKill(view: ReplicaSetView): string | null {
  const { nodes, quorum } = view;
  const silent = nodes.filter(({ reach }) => reach !== 'reachable').map(({ name }) => name);
  if (silent.length > 0)
    return `${silent.join(' and ')} of ${nodes.length} nodes ${silent.length === 1 ? 'does' : 'do'} not answer, and the drill kills a leader only while all do. npm run topology shows how they stand`;
  if (nodes.length - 1 < quorum)
    return `with ${nodes.length} nodes nobody could be elected after a kill: a drill needs three or more`;
  return whyNotWritable(view);
}
