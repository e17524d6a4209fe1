/**
 * The replica set as a state machine: observations in, views and events out. No clock, no IO, no timer: the same state
 * and observation always give the same result.
 *
 * | state | entered when | left when |
 * | --- | --- | --- |
 * | `no-quorum` | at the start; fewer than a majority answer and none of them leads | more answer, or one leads |
 * | `electing` | a majority answers, but nobody is a writable leader of the highest term | somebody is |
 * | `led` | one node is | it says otherwise, refuses a write, or cannot be reached; a majority or another leader has a higher term |
 * | `split` | a second node claims the term | only the first still claims it, or the term rises |
 *
 * One rule guards against late news: an observation that was asked for before the last one of the same node was
 * absorbed is dropped. It covers late poll answers, errors of an older connection, and refusals that a poll has
 * overtaken.
 *
 * Silence: a request that times out changes nothing here. A node silent for a whole poll timeout is reported
 * `unreachable`, though its connection stands: by then the other nodes have given it up as well, or are about to.
 */
import { claimsToLead, decideLeadership, doubtOf, quorumOf, type Leadership } from './leadership.js';
import type { Moment, Observation } from './observation.js';
import { addRefusal, type Refusals } from './refusals.js';
import type { LeadershipEvent, Member, NodeView, ReplicaSetView } from './view.js';

/** The view and what only the reducer needs to know. Immutable. */
export interface ReplicaSetState {
  readonly view: ReplicaSetView;
  /** Counts the observations absorbed. */
  readonly revision: number;
  /** By node: the revision at which its last observation was absorbed. */
  readonly heardAt: ReadonlyMap<string, number>;
  readonly leaderOfTerm: string | null;
  readonly refusals: Refusals | null;
  /** Monotonic: since when nobody leads; null while somebody does and before anybody did. */
  readonly leaderlessSince: number | null;
  /** Events so far. */
  readonly sequence: number;
}

/** What an observation leads to. The state is the same object when the observation was dropped. */
export interface Reduction {
  readonly state: ReplicaSetState;
  readonly event: LeadershipEvent | null;
}

/** Nothing is known yet but the names and addresses of the nodes. */
export function initialState(nodes: readonly Member[], date: Date): ReplicaSetState {
  return {
    view: {
      state: 'no-quorum',
      term: 0,
      leader: null,
      previousLeader: null,
      quorum: quorumOf(nodes),
      nodes: nodes.map(unheard),
      observedAt: date,
    },
    revision: 0,
    heardAt: new Map(),
    leaderOfTerm: null,
    refusals: null,
    leaderlessSince: null,
    sequence: 0,
  };
}

const unheard = ({ name, uri }: Member): NodeView => ({
  name,
  uri,
  reach: 'unknown',
  status: null,
  problem: null,
  lastSeenAt: null,
});

/**
 * Has other members from now on, in this order. Pure. Of those that stay where they were all is kept; one at another address is
 * a new one, and what was asked at the old address is late news. The term never falls, whoever goes.
 */
export function changeMembers(state: ReplicaSetState, members: readonly Member[], moment: Moment): Reduction {
  const known = new Map(state.view.nodes.map((node) => [node.name, node]));
  const revision = state.revision + 1;
  const heardAt = new Map<string, number>();
  const nodes = members.map((member) => {
    const node = known.get(member.name);
    const stays = node !== undefined && node.uri === member.uri;
    heardAt.set(member.name, stays ? (state.heardAt.get(member.name) ?? 0) : revision);
    return stays ? node : unheard(member);
  });
  return decide({ ...state, revision, heardAt }, nodes, moment);
}

/** Absorbs one observation. Pure; unknown nodes and late news are dropped. */
export function reduceReplicaSet(
  state: ReplicaSetState,
  observation: Observation,
  moment: Moment,
): Reduction {
  const before = state.view.nodes.find((node) => node.name === observation.node);
  if (before === undefined || observation.asOf < (state.heardAt.get(observation.node) ?? 0)) {
    return { state, event: null };
  }
  const node = reduceNode(before, observation, moment);
  if (node === null) return { state, event: null };

  const refusals =
    observation.kind === 'refused' && before.status !== null
      ? addRefusal(state.refusals, before.status, moment.now)
      : state.refusals;
  const nodes = state.view.nodes.map((other) => (other === before ? node : other));
  const revision = state.revision + 1;
  const heardAt = new Map(state.heardAt).set(node.name, revision);
  return decide({ ...state, revision, heardAt, refusals }, nodes, moment);
}

/** The node as the observation shows it; null when that says nothing new. */
function reduceNode(node: NodeView, observation: Observation, { date }: Moment): NodeView | null {
  switch (observation.kind) {
    case 'answered':
      return { ...node, reach: 'reachable', status: observation.status, problem: null, lastSeenAt: date };
    case 'unreachable':
      return { ...node, reach: 'unreachable', problem: observation.problem };
    case 'refused': {
      const { reach, status } = node;
      if (reach !== 'reachable' || status === null || !claimsToLead(status)) return null;
      // "Read-only" are the node's own words too, and newer ones than its status.
      const readOnly = { ...status, writable: false, readOnlyReason: observation.reason };
      return { ...node, status: readOnly, lastSeenAt: date };
    }
    default:
      return observation satisfies never;
  }
}

function decide(state: ReplicaSetState, heard: readonly NodeView[], { now, date }: Moment): Reduction {
  const last = state.view;
  const { leaderOfTerm, refusals } = state;
  const leadership = decideLeadership(heard, { term: last.term, leaderOfTerm, refusals }, now);
  const { term, leader } = leadership;
  const changed = leader !== last.leader || (leader !== null && term !== last.term);
  const previousLeader = (changed ? last.leader : null) ?? last.previousLeader;
  const view: ReplicaSetView = {
    state: leadership.state,
    term,
    leader,
    previousLeader,
    quorum: quorumOf(heard),
    nodes: heard.map((node) => withDoubt(node, leadership)),
    observedAt: date,
  };
  const next = { ...state, view, leaderOfTerm: leadership.leaderOfTerm };
  if (!changed) return { state: next, event: null };

  const sequence = state.sequence + 1;
  const common = { sequence, term, previousLeader, at: date };
  return leader === null
    ? {
        state: { ...next, sequence, leaderlessSince: now },
        event: { ...common, kind: 'LOST', leader: null, leaderlessMs: null },
      }
    : {
        state: { ...next, sequence, leaderlessSince: null },
        event: { ...common, kind: 'ELECTED', leader, leaderlessMs: leaderlessMs(state, now) },
      };
}

function withDoubt(node: NodeView, leadership: Leadership): NodeView {
  if (node.reach !== 'reachable' || node.status === null) return node;
  return { ...node, problem: doubtOf(node.status, leadership) };
}

function leaderlessMs({ view, leaderlessSince }: ReplicaSetState, now: number): number | null {
  if (view.leader !== null) return 0;
  return leaderlessSince === null ? null : Math.round(now - leaderlessSince);
}
