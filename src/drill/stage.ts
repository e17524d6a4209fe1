import { setTimeout as delay } from 'node:timers/promises';
import { OperatorError } from '../operator-error.js';
import type { NodeView, ReplicaSetView } from '../replicaset/view.js';
import { waitFor } from '../trial/wait-for.js';
import { stateOf } from './processes.js';
import type { Victim } from './drilled-cluster.js';
import type { Strike } from './arguments.js';
import { whyNotKill } from './survey.js';
import { type Watch, isWhole } from './watch.js';

/** A cluster that has just been started needs a moment until every node follows. */
const wholeLimitMs = 15_000;
const flowLimitMs = 10_000;
/** Tarantool gives its triggers three seconds when it is asked to stop. */
const fallLimitMs = 10_000;
/** Each node is polled ten times a second: one that was last heard before this may be dying. */
const freshMs = 1_000;

/** Waits until `condition` holds: true when it does in time, false when not. Rejects at the signal. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<boolean> {
  const isOver = async () => signal.aborted || (await condition());
  const came = await waitFor('it holds', isOver, { timeoutMs }).then(
    () => true,
    () => false,
  );
  signal.throwIfAborted();
  return came;
}

/** Resolves when all nodes answer and receive from each other. Rejects with OperatorError when that takes too long. */
export async function waitUntilReady(watch: Watch, signal: AbortSignal): Promise<void> {
  const latest = () => watch.topologies.at(-1);
  const isReady = () => {
    const topology = latest();
    return topology !== undefined && isWhole(topology);
  };
  if (await until(isReady, { timeoutMs: wholeLimitMs, signal })) return;
  throw new OperatorError('Nothing was killed', [
    `the nodes do not all follow each other within ${wholeLimitMs / 1000} s; npm run topology shows how they stand`,
  ]);
}

/** A kill while nothing is written would show nothing. Rejects with OperatorError when writes are not acknowledged. */
export async function waitUntilWritesFlow(enough: () => boolean, signal: AbortSignal): Promise<void> {
  if (await until(enough, { timeoutMs: flowLimitMs, signal })) return;
  throw new OperatorError('Nothing was killed', [
    `the gateway acknowledges no writes, or too few: fewer than twenty within ${flowLimitMs / 1000} s`,
  ]);
}

/** The node that leads. @throws OperatorError when its end would do harm */
export function leaderToKill(view: ReplicaSetView): NodeView {
  const obstacle = whyNotKill(view) ?? whyNotFresh(view);
  if (obstacle !== null) throw new OperatorError('Nothing was killed', [obstacle]);
  const leader = view.nodes.find(({ name }) => name === view.leader);
  if (leader === undefined) throw new OperatorError('Nothing was killed', ['nobody leads']);
  return leader;
}

function whyNotFresh({ nodes, observedAt }: ReplicaSetView): string | null {
  const late = nodes.find(({ lastSeenAt }) => +observedAt - +(lastSeenAt ?? 0) > freshMs);
  return late === undefined ? null : `${late.name} has not answered for a second`;
}

/** Resolves when the process is gone, or frozen. Rejects with OperatorError when it does not obey. */
export async function waitUntilStruck(victim: Victim, strike: Strike): Promise<void> {
  const { name, pid, reviver } = victim;
  const isStruck = async () => {
    const state = await stateOf(pid);
    if (strike === 'SIGSTOP') return state !== 'running';
    // A launcher takes no notice of the end before it has cleared the entry away; another parent may never do it.
    return state === 'gone' || (state === 'ended' && reviver === null);
  };
  await waitFor('the process obeys', isStruck, { timeoutMs: fallLimitMs }).catch((cause: unknown) => {
    const problem = `process ${pid} has not obeyed ${strike} within ${fallLimitMs / 1000} s`;
    throw new OperatorError(name, [problem], { cause });
  });
}

/** Rejects at the signal. */
export async function pass(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (ms > 0) await delay(ms, undefined, { signal });
}
