/** One event of `leadershipChanged`, as a client gets it. */
export interface HeardEvent {
  readonly sequence: number;
  readonly kind: 'CURRENT' | 'ELECTED' | 'LOST';
  readonly term: number;
  readonly leader: string | null;
}

/** A subscriber with all that it has heard; it may have subscribed several times, one after another. */
export interface Listener {
  readonly name: string;
  readonly subscriptions: readonly (readonly HeardEvent[])[];
}

/** Who leads at the end, and in which term. */
export interface Leadership {
  readonly leader: string;
  readonly term: number;
}

/**
 * A subscription begins with CURRENT, its numbers rise, and terms never fall, not even from one subscription to the next;
 * the last word names the leader. In words, what is wrong.
 */
export function checkListeners(listeners: readonly Listener[], truth: Leadership): readonly string[] {
  return listeners.flatMap(({ name, subscriptions }) => {
    const problems = subscriptions.flatMap((events, index) =>
      checkBegin(events).map((problem) => `subscription ${index + 1}: ${problem}`),
    );
    const all = subscriptions.flat();
    problems.push(...checkOrder(all));
    const last = all.at(-1);
    if (last?.leader !== truth.leader || last.term !== truth.term) {
      const word = last === undefined ? 'nothing' : `${last.kind} ${last.leader} in term ${last.term}`;
      problems.push(`the last that was heard is ${word}, but ${truth.leader} leads term ${truth.term}`);
    }
    return problems.map((problem) => `${name}: ${problem}`);
  });
}

function checkBegin(events: readonly HeardEvent[]): readonly string[] {
  const [first, ...others] = events;
  if (first === undefined) return [];
  const problems = first.kind === 'CURRENT' ? [] : [`it begins with ${first.kind}`];
  if (others.some(({ kind }) => kind === 'CURRENT')) problems.push('CURRENT comes again');
  return problems;
}

function checkOrder(events: readonly HeardEvent[]): readonly string[] {
  return events.flatMap((event, index) => {
    const last = events[index - 1];
    if (last === undefined) return [];
    const problems: string[] = [];
    if (event.term < last.term) problems.push(`term ${event.term} after ${last.term}`);
    // CURRENT repeats the number of the last change.
    const least = event.kind === 'CURRENT' ? last.sequence : last.sequence + 1;
    if (event.sequence < least)
      problems.push(`event ${event.sequence} (${event.kind}) after event ${last.sequence}`);
    return problems;
  });
}
