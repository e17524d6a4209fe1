import { claimsToLead } from './leadership.js';
import type { Log } from './log.js';
import type { LeadershipEvent, NodeView, ReplicaSetView } from './view.js';

/** One step of the replica set's story. */
export interface Step {
  readonly before: ReplicaSetView;
  readonly after: ReplicaSetView;
  readonly event: LeadershipEvent | null;
}

/** Tells an operator what changed: one line per change of leader, of a node's reach or address, and for a split; none per poll. */
export function narrate(log: Log, { before, after, event }: Step): void {
  narrateNodes(log, before.nodes, after.nodes);
  if (event !== null) narrateLeadership(log, event);
  if (after.state === 'split' && before.state !== 'split') {
    const claimants = after.nodes.filter(
      ({ reach, status }) => reach === 'reachable' && status?.term === after.term && claimsToLead(status),
    );
    const details = { term: after.term, nodes: claimants.map((node) => node.name) };
    log.error(details, `Two nodes claim to lead term ${after.term}: neither is used until the term rises`);
  }
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

function narrateLeadership(log: Log, { leader, previousLeader, term, leaderlessMs }: LeadershipEvent): void {
  const details = { term, leader, previousLeader, leaderlessMs };
  if (leader === null) log.warn(details, `${previousLeader} leads no more`);
  else log.info(details, `${leader} leads term ${term}`);
}
