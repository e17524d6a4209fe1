import type { Change, TopologyState } from '../api/operations.js';

/**
 * What the page knows of the cluster, and whether it still hears of it. Times are of this page's clock, which need not
 * be the gateway's, unless they are part of what the gateway said.
 *
 * | link | meaning |
 * | --- | --- |
 * | `connecting` | nothing was heard yet |
 * | `live` | every change is heard as it happens |
 * | `lost` | the gateway cannot be heard: what is shown is how things stood then |
 */
export interface LiveState {
  readonly link:
    { readonly phase: 'connecting' | 'live' } | { readonly phase: 'lost'; readonly since: number };
  readonly topology: TopologyState | null;
  /** The gateway has said that whoever looks at this page may not see the cluster. */
  readonly isForbidden: boolean;
  /** Losses and elections, oldest first, without gaps as far as the gateway remembers. */
  readonly changes: readonly Change[];
  /** False until the gateway was asked for its history, so that "nothing happened" is not said too early. */
  readonly isHistoryKnown: boolean;
  /** Since when nobody leads; null while somebody does, or when it is not known. */
  readonly leaderlessSince: number | null;
}

export type LiveEvent =
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected'; readonly at: number }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'topology'; readonly topology: TopologyState }
  | { readonly kind: 'change'; readonly change: Change; readonly at: number }
  | { readonly kind: 'history'; readonly changes: readonly Change[] };

export const initialLiveState: LiveState = {
  link: { phase: 'connecting' },
  topology: null,
  isForbidden: false,
  changes: [],
  isHistoryKnown: false,
  leaderlessSince: null,
};

/** Pure. */
export function reduceLive(state: LiveState, event: LiveEvent): LiveState {
  switch (event.kind) {
    case 'connected':
      return state.link.phase === 'live' ? state : { ...state, link: { phase: 'live' } };
    case 'disconnected':
      // Every further attempt ends with this event, too: the first one tells since when.
      return state.link.phase === 'lost' ? state : { ...state, link: { phase: 'lost', since: event.at } };
    case 'forbidden':
      return state.isForbidden ? state : { ...state, isForbidden: true };
    case 'topology':
      return isOlder(event.topology, state.topology) ? state : { ...state, topology: event.topology };
    case 'change':
      return { ...state, changes: withChange(state.changes, event.change), ...leaderlessBy(event) };
    case 'history':
      return { ...state, changes: merge(state.changes, event.changes), isHistoryKnown: true };
    default:
      return event satisfies never;
  }
}

/** Answers and events bring topologies on two ways, so that one may overtake another. */
function isOlder(topology: TopologyState, known: TopologyState | null): boolean {
  return known !== null && Date.parse(topology.observedAt) < Date.parse(known.observedAt);
}

function leaderlessBy({ change, at }: { change: Change; at: number }): Pick<LiveState, 'leaderlessSince'> {
  if (change.leader !== null) return { leaderlessSince: null };
  if (change.kind === 'LOST') return { leaderlessSince: at };
  return { leaderlessSince: change.leaderlessMs === null ? null : at - change.leaderlessMs };
}

function withChange(changes: readonly Change[], change: Change): readonly Change[] {
  if (change.kind !== 'CURRENT') return merge(changes, [change]);
  // A gateway that was restarted counts from 1 again: what an earlier one counted is not of its numbers.
  const last = changes.at(-1);
  return last !== undefined && change.sequence < last.sequence ? [] : changes;
}

function merge(known: readonly Change[], news: readonly Change[]): readonly Change[] {
  const bySequence = new Map([...known, ...news].map((change) => [change.sequence, change]));
  return [...bySequence.values()].toSorted((a, b) => a.sequence - b.sequence);
}
