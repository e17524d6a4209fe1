import { OperatorError } from '../operator-error.js';
import type { LeadershipEvent, ReplicaSetView } from '../replicaset/view.js';
import { whyNotWritable } from '../topology-text.js';
import type { LostNode } from './local-nodes.js';

/** One line for a node that ended while the others go on, and the way to have it back. */
export function describeLoss({ process: { name, pid }, exit }: LostNode, launcherPid: number): string {
  const end = exit.signal === null ? `ended with code ${exit.code}` : `was ended by ${exit.signal}`;
  return `${name} (process ${pid}) ${end}; the others go on. To start it again: kill -USR2 ${launcherPid}`;
}

/** Why a start has failed when a node ended in the middle of it: its own last words. */
export async function describeFailedNode({
  process: { name, logPath, lastWords },
  exit,
}: LostNode): Promise<OperatorError> {
  const words = await lastWords().catch(() => '');
  const end = exit.signal === null ? `ended with code ${exit.code}` : `was ended by ${exit.signal}`;
  const quoted =
    words === '' ? ' and printed nothing' : `. Its last words, from ${logPath}:\n${indent(words)}`;
  return new OperatorError(`${name} ${end} while it was starting${quoted}`, []);
}

/** Why a start has failed when every node runs, but nobody may write in time. */
export function describeLateStart(view: ReplicaSetView, limitMs: number, dataDir: string): OperatorError {
  const troubled = view.nodes.filter((node) => node.problem !== null);
  return new OperatorError(`The cluster does not serve after ${limitMs / 1000} s`, [
    whyNotWritable(view) ?? 'a leader is writable, but the gateway gets no answer from its functions',
    ...troubled.map(({ name, problem }) => `${name}: ${problem}`),
    `each node tells more in ${dataDir}/<node>/node.log`,
  ]);
}

/** One line for a change of leadership. */
export function describeChange({
  kind,
  leader,
  previousLeader,
  term,
  leaderlessMs,
}: LeadershipEvent): string {
  if (kind === 'LOST') return `${previousLeader} leads no more`;
  return `${leader} leads term ${term}${leaderlessMs === null ? '' : `, after ${leaderlessMs} ms without a leader`}`;
}

const indent = (text: string): string => text.replace(/^/gm, '    ');
