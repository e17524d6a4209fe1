import { BadInputError } from '../bad-input.js';
import type { Clock } from '../clock.js';
import type { ReplicaSetObserver } from '../replicaset/replica-set.js';
import type { LeadershipEvent } from '../replicaset/view.js';
import { type AnnouncerOptions, createAnnouncer } from './announcer.js';
import { latest } from './latest.js';
import type { LeadershipChange } from './leadership.type.js';
import { digestOf, nodeNamed, topologyOf } from './topology.js';
import type { Topology } from './topology.type.js';

// What the gateway keeps at most, so that more could never be answered.
const maxHistory = 1000;
// Of a loss and an election each: five elections within the second that it takes to tell ten thousand listeners of one.
const maxWaitingChanges = 10;

/** Leadership and topology, for clients: as they are, as they were and as they change. Nothing here calls a node. */
export interface LeadershipFeed {
  topology(): Topology;
  /**
   * Newest last.
   * @throws BadInputError
   */
  history(last: number): readonly LeadershipChange[];
  /** How things stand, then every change in order; only the newest for a listener that is slow. */
  leadershipChanges(): AsyncGenerator<LeadershipChange>;
  /** The topology, then again whenever more of it changed than what only counts or ages; only the newest when slow. */
  topologyChanges(): AsyncGenerator<Topology>;
}

export function createLeadershipFeed(observer: ReplicaSetObserver, clock: Clock): LeadershipFeed {
  const subscribeToTopology = createAnnouncer({ source: topologySource(observer), maxWaiting: 1 });
  const subscribeToLeadership = createAnnouncer<LeadershipChange>({
    source: (tell) => observer.onLeadership((event) => tell(changeOf(event))),
    maxWaiting: maxWaitingChanges,
  });

  function changeOf({ leader, previousLeader, ...event }: LeadershipEvent): LeadershipChange {
    const { view } = observer;
    return { ...event, leader: nodeNamed(leader, view), previousLeader: nodeNamed(previousLeader, view) };
  }

  function current(): LeadershipChange {
    const { view, history } = observer;
    const last = history.at(-1);
    const at = clock.date();
    const isKnownLoss = view.leader === null && last?.kind === 'LOST';
    return {
      sequence: last?.sequence ?? 0,
      kind: 'CURRENT',
      term: view.term,
      leader: nodeNamed(view.leader, view),
      previousLeader: nodeNamed(view.previousLeader, view),
      at,
      leaderlessMs: isKnownLoss ? Math.max(0, at.getTime() - last.at.getTime()) : null,
    };
  }

  return {
    topology: () => topologyOf(observer.view),
    history(last) {
      if (last < 1 || last > maxHistory) throw new BadInputError('last', `must be from 1 to ${maxHistory}`);
      return observer.history.slice(-last).map(changeOf);
    },
    leadershipChanges: () => latest(current, subscribeToLeadership),
    topologyChanges: () => latest(() => topologyOf(observer.view), subscribeToTopology),
  };
}

/** Views come with every poll. One listener compares them for all, and only while there is anybody to tell. */
function topologySource(observer: ReplicaSetObserver): AnnouncerOptions<Topology>['source'] {
  return (tell) => {
    let digest = digestOf(topologyOf(observer.view));
    return observer.onView((view) => {
      const topology = topologyOf(view);
      const newDigest = digestOf(topology);
      if (newDigest === digest) return;
      digest = newDigest;
      tell(topology);
    });
  };
}
