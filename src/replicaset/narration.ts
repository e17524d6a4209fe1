import { claimsToLead } from './leadership.js';
import type { Log } from './log.js';
import type { LeadershipEvent, NodeView, ReplicaSetView } from './view.js';

/** One step of the replica set's story. */
export interface Step {
  readonly before: ReplicaSetView;
  readonly after: ReplicaSetView;
  readonly event: LeadershipEvent | null;
}

/** Tells an operator what changed: one line per change of leader, of a node's reach, and for a split; none per poll. */
export function narrate(log: Log, { before, after, event }: Step): void {
  after.nodes.forEach((node, index) => narrateReach(log, before.nodes[index]?.reach, node));
  if (event !== null) narrateLeadership(log, event);
  if (after.state === 'split' && before.state !== 'split') {
    const claimants = after.nodes.filter(
      ({ reach, status }) => reach === 'reachable' && status?.term === after.term && claimsToLead(status),
    );
    const details = { term: after.term, nodes: claimants.map((node) => node.name) };
    log.error(details, `Two nodes claim to lead term ${after.term}: neither is used until the term rises`);
  }
}

function narrateReach(
  log: Log,
  before: NodeView['reach'] | undefined,
  { name, reach, problem }: NodeView,
): void {
  if (reach === before) return;
  if (reach === 'reachable') log.info({ node: name }, `${name} answers`);
  else log.warn({ node: name, problem }, `${name} is unreachable`);
}

function narrateLeadership(log: Log, { leader, previousLeader, term, leaderlessMs }: LeadershipEvent): void {
  const details = { term, leader, previousLeader, leaderlessMs };
  if (leader === null) log.warn(details, `${previousLeader} leads no more`);
  else log.info(details, `${leader} leads term ${term}`);
}
