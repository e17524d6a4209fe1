import type { Moment, Observation } from '../../../src/replicaset/observation.js';
import {
  changeMembers,
  initialState,
  reduceReplicaSet,
  type Reduction,
  type ReplicaSetState,
} from '../../../src/replicaset/reducer.js';
import type { LeadershipEvent, NodeView } from '../../../src/replicaset/view.js';
import { describeEvent, describeView, parseNews } from './notation.js';

/** Freezes all that can be reached, so that a reducer that edits its input fails. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

/** Plays observations in the notation of the scenarios, and changes of members (`=1,2,4`), to the reducer, which gets frozen input only. */
export class Play {
  state: ReplicaSetState;
  events: LeadershipEvent[] = [];
  #now = 1_000;

  constructor(nodes = 3) {
    const names = Array.from({ length: nodes }, (_, index) => String(index + 1));
    this.state = initialState(
      names.map((name) => ({ name, uri: `${name}:3301` })),
      new Date(0),
    );
  }

  /** Returns what changed in words. */
  step(observed: string): { standing: string; events: string[] } {
    this.#now += 100;
    const before = this.events.length;
    for (const word of observed.split(' ')) this.#say(word);
    return { standing: describeView(this.state.view), events: this.events.slice(before).map(describeEvent) };
  }

  node(name: string): NodeView | undefined {
    return this.state.view.nodes.find((node) => node.name === name);
  }

  #say(word: string): void {
    if (word.startsWith('+')) {
      this.#now += Number(word.slice(1));
      return;
    }
    if (word.startsWith('=')) {
      const members = word
        .slice(1)
        .split(',')
        .map((name) => ({ name, uri: `${name}:3301` }));
      this.#become(changeMembers(deepFreeze(this.state), deepFreeze(members), this.#moment()));
      return;
    }
    if (!word.startsWith('~')) return this.observe(parseNews(word, this.state.revision));
    const late = parseNews(word.slice(1), -1);
    this.observe({ ...late, asOf: (this.state.heardAt.get(late.node) ?? 0) - 1 });
  }

  observe(observation: Observation): void {
    this.#become(reduceReplicaSet(deepFreeze(this.state), deepFreeze(observation), this.#moment()));
  }

  #moment(): Moment {
    return { now: this.#now, date: new Date(this.#now) };
  }

  #become({ state, event }: Reduction): void {
    this.state = state;
    if (event !== null) this.events.push(event);
  }
}
