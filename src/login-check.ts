import type { Login } from './cluster-config/read.js';
import type { NodeAddress } from './replicaset/open-replica-set.js';
import type { Clock } from './clock.js';
import { OperatorError } from './operator-error.js';
import { type NodePhase, TarantoolNode } from './tarantool/node.js';

/** A new cluster has no users before its first election: refusals count only when they last longer than that. */
const patienceMs = 5_000;

/** Which nodes to ask, and as whom; `signal` ends the asking. */
export interface LoginCheck {
  readonly nodes: readonly NodeAddress[];
  readonly login: Login;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Resolves when a node has accepted the login, or at the signal. Rejects with OperatorError when, since the first refusal,
 * none has accepted it within {@link patienceMs}. Goes on as long as no node answers: the cluster may come up later.
 */
export async function checkLogin({ nodes, login, clock, signal }: LoginCheck): Promise<void> {
  if (signal.aborted) return;
  const attempts: TarantoolNode[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      const judge = (phase: NodePhase) => {
        if (phase.phase === 'ready') resolve();
        if (phase.phase !== 'waiting' || phase.reason.code !== 'ACCESS_DENIED') return;
        const refusal = describeRefusal(login.user, phase.reason.message);
        timer ??= setTimeout(() => reject(refusal), patienceMs);
      };
      for (const { name, host, port } of nodes) {
        const connection = { name, host, port, ...login, clock, random: Math.random, onPhase: judge };
        const node = new TarantoolNode(connection);
        attempts.push(node);
        node.start();
      }
    });
  } finally {
    clearTimeout(timer);
    for (const node of attempts) node.stop();
  }
}

function describeRefusal(user: string, reason: string): OperatorError {
  return new OperatorError(`The nodes refuse user ${JSON.stringify(user)}`, [
    `${reason}. Set TARANTOOL_PASSWORD to its password, or unset it to use the one in CLUSTER_CONFIG`,
  ]);
}
