import type { ApiError } from '../api/api-error.js';
import type { Change, NodeState, TopologyState } from '../api/operations.js';
import { formatDuration } from './format.js';
import type { LiveState } from './live-state.js';

/** How things stand, in one sentence and a tone that colours it. */
export interface Standing {
  readonly tone: 'good' | 'electing' | 'bad' | 'unknown';
  readonly headline: string;
}

/** Pure, as all of this. */
export function standingOf({ topology, isForbidden }: LiveState): Standing {
  if (isForbidden) return { tone: 'unknown', headline: 'You may not see the cluster' };
  if (topology === null) return { tone: 'unknown', headline: 'Looking at the cluster …' };
  if (topology.leader !== null) return { tone: 'good', headline: `${topology.leader.name} leads` };
  const answering = topology.nodes.filter(({ reachable }) => reachable).length;
  return answering < topology.quorum
    ? { tone: 'bad', headline: 'Nobody leads: no majority answers' }
    : { tone: 'electing', headline: 'Election in progress' };
}

export function detailsOf({ term, nodes, quorum }: TopologyState): string {
  const answering = nodes.filter(({ reachable }) => reachable).length;
  return `term ${term} · ${answering} of ${nodes.length} nodes answer · ${quorum} make a majority`;
}

/** A role, as a person would say it. Elected and writable are two facts. */
export function roleOf({ role, writable }: NodeState): string {
  switch (role) {
    case 'LEADER':
      return writable ? 'Leader' : 'Elected, not writable yet';
    case 'FOLLOWER':
      return 'Follower';
    case 'CANDIDATE':
      return 'Candidate';
    case 'UNREACHABLE':
      return 'Not reachable';
    default:
      return role satisfies never;
  }
}

export function describeTopology(topology: TopologyState): string {
  const nodes = topology.nodes.map((node) => `${node.name}: ${roleOf(node).toLowerCase()}`);
  return `Term ${topology.term}. ${nodes.join('. ')}. All streams are in the table below.`;
}

export function describeChange({ kind, leader, previousLeader, term, leaderlessMs }: Change): string {
  if (kind === 'LOST') return `${previousLeader?.name ?? 'The leader'} leads no more`;
  const after =
    leaderlessMs === null ? '' : `, ${formatDuration(leaderlessMs)} after the last leader was lost`;
  return `${leader?.name ?? 'Nobody'} leads term ${term}${after}`;
}

/** Why something failed and what one can do, for people who have not read docs/errors.md. */
export function describeError({ code, message, reason }: ApiError): string {
  switch (code) {
    case 'NO_ANSWER':
      return 'The gateway does not answer.';
    case 'CLUSTER_UNAVAILABLE':
      return 'No node could answer in time. Nothing was changed.';
    case 'OUTCOME_UNKNOWN':
      return 'Nobody could say whether it was saved. Try again: it is saved once, however often you ask.';
    case 'OVERLOADED':
      return 'Too many requests wait already. Nothing was changed.';
    case 'EMPLOYEE_NOT_FOUND':
      return 'This employee does not exist any more. Somebody else has removed it.';
    case 'EMPLOYEE_EXISTS':
      return 'Another employee has this id.';
    case 'EMPLOYEE_CHANGED':
      return 'Somebody else has changed this employee meanwhile.';
    case 'FORBIDDEN':
      return `You may not do this: ${message}.`;
    case 'TRANSFER_REFUSED':
      return `${message}.`;
    case 'DEADLINE_EXCEEDED':
      return 'This filter makes the cluster look at too many rows. Narrow it.';
    case 'BAD_USER_INPUT':
      return reason === null ? `${message}.` : sentence(reason);
    case 'INTERNAL_SERVER_ERROR':
      return 'The gateway has a defect: its log tells more.';
    default:
      return `${message}.`;
  }
}

/** `must not be blank` beside a field: `Must not be blank.` */
export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** A name that fits: its end says more than its middle. */
export function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  if (characters.length <= length) return text;
  const tail = Math.floor((length - 1) / 2);
  return `${characters.slice(0, length - 1 - tail).join('')}…${characters.slice(-tail).join('')}`;
}
