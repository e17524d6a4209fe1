import { claimsToLead } from './leadership.js';
import type { Log } from './log.js';
import type { LeadershipEvent, NodeView, ReplicaSetView } from './view.js';

/** One step of the replica set's story. */
export interface Step {
  readonly before: ReplicaSetView;
  readonly after: ReplicaSetView;
  readonly event: LeadershipEvent | null;
}

/**
 * Tells an operator what changed: one line when a leader is lost and one when there is another, with term, cause and pause;
 * one per change of a node's reach or address, and for a split; none per poll.
 */
export class Narrator {
  readonly #log: Log;
  /** Why the last leader was lost. */
  #cause: string | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  tell({ before, after, event }: Step): void {
    narrateNodes(this.#log, before.nodes, after.nodes);
    if (event !== null) {
      this.#cause = causeOfLoss(before, after) ?? this.#cause;
      narrateLeadership(this.#log, event, this.#cause);
    }
    if (after.state === 'split' && before.state !== 'split') {
      const claimants = after.nodes.filter(
        ({ reach, status }) => reach === 'reachable' && status?.term === after.term && claimsToLead(status),
      );
      const details = { term: after.term, nodes: claimants.map((node) => node.name) };
      this.#log.error(
        details,
        `Two nodes claim to lead term ${after.term}: neither is used until the term rises`,
      );
    }
  }
}

/** Why the leader of `before` is none in `after`, by what is known of it; null when there was none. */
function causeOfLoss({ leader }: ReplicaSetView, after: ReplicaSetView): string | null {
  if (leader === null) return null;
  const node = after.nodes.find(({ name }) => name === leader);
  if (node === undefined) return 'it is no member any more';
  const { reach, status, problem } = node;
  if (reach !== 'reachable' || status === null)
    return `it is unreachable: ${problem ?? 'no reason is known'}`;
  if (after.state === 'split') return 'another node claims to lead the same term';
  if (status.role !== 'leader') return `it says that it is a ${status.role} in term ${status.term}`;
  if (!status.writable) return `it may not write: ${status.readOnlyReason ?? 'it gives no reason'}`;
  return problem ?? 'another leads';
}

function narrateNodes(log: Log, before: readonly NodeView[], after: readonly NodeView[]): void {
  for (const { name, uri } of before) {
    if (!after.some((node) => node.name === name && node.uri === uri))
      log.info({ node: name }, `${name} at ${uri} is no member any more`);
  }
  for (const node of after) {
    const { name, uri } = node;
    const last = before.find((candidate) => candidate.name === name && candidate.uri === uri);
    if (last === undefined) log.info({ node: name }, `${name} at ${uri} is a member now`);
    else narrateReach(log, last.reach, node);
  }
}

function narrateReach(log: Log, before: NodeView['reach'], { name, reach, problem }: NodeView): void {
  if (reach === before) return;
  if (reach === 'reachable') log.info({ node: name }, `${name} answers`);
  else log.warn({ node: name, problem }, `${name} is unreachable`);
}

function narrateLeadership(
  log: Log,
  { leader, previousLeader, term, leaderlessMs }: LeadershipEvent,
  cause: string | null,
): void {
  const details = { term, leader, previousLeader, cause, leaderlessMs };
  if (leader === null) log.warn(details, `${previousLeader} leads no more: ${cause}`);
  else if (cause === null) log.info(details, `${leader} leads term ${term}`);
  else log.info(details, `${leader} leads term ${term} after ${leaderlessMs ?? 0} ms without a leader`);
}
