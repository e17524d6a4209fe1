import type { NodeStatus } from '../tarantool/node-status.js';
import { isDistrusted, type Refusals } from './refusals.js';
import type { NodeView, ReplicaSetStanding } from './view.js';

/** What is remembered of elections from one observation to the next. */
export interface ElectionMemory {
  /** Highest term that a leader or a majority has confirmed. */
  readonly term: number;
  /** The only node that may lead `term`: the first that did; null while nobody has. */
  readonly leaderOfTerm: string | null;
  readonly refusals: Refusals | null;
}

/** Who leads, as far as the last words of all nodes tell. */
export interface Leadership {
  readonly state: ReplicaSetStanding;
  readonly term: number;
  readonly leader: string | null;
  readonly leaderOfTerm: string | null;
}

/** Nodes that are more than half: what elects a leader and confirms a write. */
export const quorumOf = (nodes: readonly unknown[]): number => Math.floor(nodes.length / 2) + 1;

/**
 * Decides who leads, from the last words of the nodes that answer. The term is looked at first, as in Raft.
 *
 * 1. The term is the highest that a majority has reached or that any node says it was elected in, writable or not. It
 *    never falls: a node that lost its data cannot pull it down, and voters that moved on depose a leader that does
 *    not know yet.
 * 2. Only a node that was elected in that very term *and* is writable may lead.
 * 3. A term has one leader. A second node that claims it means a broken quorum: neither is used until a higher term.
 * 4. A leader contradicted by some node in a yet higher term stays while a majority, itself included, follows it.
 * 5. A leader that nobody contradicts stays even when no follower can be seen: synchronous writes need a quorum, so it
 *    cannot acknowledge what the others do not have.
 */
export function decideLeadership(
  nodes: readonly NodeView[],
  memory: ElectionMemory,
  now: number,
): Leadership {
  const quorum = quorumOf(nodes);
  const words = nodes.flatMap((node) => (node.reach === 'reachable' && node.status ? [node.status] : []));

  const term = Math.max(memory.term, termOfMajority(words, quorum), ...electedTerms(words));
  const leaderOfTerm = term === memory.term ? memory.leaderOfTerm : null;
  const leaderless = words.length >= quorum ? 'electing' : 'no-quorum';
  const nobody = { state: leaderless, term, leader: null, leaderOfTerm } as const;

  const claims = words.filter((word) => claimsToLead(word) && word.term === term);
  const [claim] = claims;
  if (claim === undefined) return nobody;
  if (claims.some(({ name }) => name !== (leaderOfTerm ?? claim.name))) return { ...nobody, state: 'split' };
  if (isDistrusted(claim, memory.refusals, now) || isContradicted(claim, words, quorum)) return nobody;
  return { state: 'led', term, leader: claim.name, leaderOfTerm: claim.name };
}

/** Why a node that claims to lead is not used; null when it is used, or claims nothing. */
export function doubtOf(status: NodeStatus, { state, term, leader }: Leadership): string | null {
  if (!claimsToLead(status) || status.name === leader) return null;
  if (status.term < term) return `It claims to lead term ${status.term}, but term ${term} has been seen`;
  if (state === 'split') return `It claims to lead term ${term}, and so does another node`;
  return `It claims to lead term ${term}, but refuses writes or is contradicted by the other nodes`;
}

/** Elected and writable are two facts; to be used a leader needs both. */
export const claimsToLead = (status: NodeStatus): boolean => status.role === 'leader' && status.writable;

/** The highest term that at least a quorum of all nodes has reached. */
function termOfMajority(words: readonly NodeStatus[], quorum: number): number {
  return words.map((word) => word.term).toSorted((a, b) => b - a)[quorum - 1] ?? 0;
}

function electedTerms(words: readonly NodeStatus[]): number[] {
  return words.filter((word) => word.role === 'leader').map((word) => word.term);
}

function isContradicted(claim: NodeStatus, words: readonly NodeStatus[], quorum: number): boolean {
  if (!words.some((word) => word.term > claim.term)) return false;
  const followers = words.filter(
    (word) => word !== claim && word.term === claim.term && word.leader === claim.name,
  );
  return 1 + followers.length < quorum;
}
