import type { Clock } from '../clock.js';
import type { Log } from './log.js';
import { Narrator } from './narration.js';
import type { Moment, Observation } from './observation.js';
import {
  changeMembers,
  initialState,
  reduceReplicaSet,
  type Reduction,
  type ReplicaSetState,
} from './reducer.js';
import type { ReplicaSetObserver } from './replica-set.js';
import type { LeadershipEvent, Member, ReplicaSetView } from './view.js';

/** Changes of leadership kept in memory: a week of one every ten minutes; some 200 kB. */
const historyLimit = 1_000;

/**
 * Holds the current view and tells the world of its changes. An observation is handled in one synchronous block, always
 * in this order: drop it if it is late; replace the state; keep the event; log; call the listeners of the view, then
 * those of leadership, in the order in which they came. So whoever looks sees the view and its history agree, and
 * nobody sees events out of order.
 */
export class ReplicaSetTracker implements ReplicaSetObserver {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #narrator: Narrator;
  #state: ReplicaSetState;
  #history: readonly LeadershipEvent[] = [];
  readonly #viewListeners = new Set<(view: ReplicaSetView) => void>();
  readonly #leadershipListeners = new Set<(event: LeadershipEvent) => void>();

  constructor(options: { nodes: readonly Member[]; clock: Clock; log: Log }) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#narrator = new Narrator(options.log);
    this.#state = initialState(options.nodes, options.clock.date());
  }

  get view(): ReplicaSetView {
    return this.#state.view;
  }

  get history(): readonly LeadershipEvent[] {
    return this.#history;
  }

  /** Counts the observations absorbed: what a question must remember to be told from a newer one. */
  get revision(): number {
    return this.#state.revision;
  }

  onView(listener: (view: ReplicaSetView) => void): () => void {
    return subscribe(this.#viewListeners, listener);
  }

  onLeadership(listener: (event: LeadershipEvent) => void): () => void {
    return subscribe(this.#leadershipListeners, listener);
  }

  /** Absorbs one observation and publishes what it changes. Not to be called by a listener. */
  observe(observation: Observation): void {
    this.#replace(reduceReplicaSet(this.#state, observation, this.#moment()));
  }

  /** Has other members from now on. Not to be called by a listener. */
  changeMembers(members: readonly Member[]): void {
    this.#replace(changeMembers(this.#state, members, this.#moment()));
  }

  #moment(): Moment {
    return { now: this.#clock.now(), date: this.#clock.date() };
  }

  #replace({ state, event }: Reduction): void {
    const last = this.#state;
    if (state === last) return;

    this.#state = state;
    if (event !== null) this.#history = [...this.#history, event].slice(-historyLimit);
    this.#narrator.tell({ before: last.view, after: state.view, event });
    this.#publish(this.#viewListeners, state.view);
    if (event !== null) this.#publish(this.#leadershipListeners, event);
  }

  /** A listener that throws must break neither the others nor the poll that brought the news. */
  #publish<T>(listeners: ReadonlySet<(news: T) => void>, news: T): void {
    for (const listener of listeners) {
      try {
        listener(news);
      } catch (error) {
        this.#log.error({ err: error }, 'A listener of the replica set failed');
      }
    }
  }
}

/** Each subscription is an entry of its own, even of one function twice. */
function subscribe<T>(listeners: Set<(news: T) => void>, listener: (news: T) => void): () => void {
  const entry = (news: T): void => listener(news);
  listeners.add(entry);
  return () => {
    listeners.delete(entry);
  };
}
