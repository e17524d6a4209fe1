/** How to hear of values: returns the way to hear of no more. */
export type Subscribe<T> = (listener: (value: T) => void) => () => void;

export interface AnnouncerOptions<T> {
  /** Where the values come from. Subscribed to once, while there is anybody to tell. */
  readonly source: Subscribe<T>;
  /** How many values may wait until those before them have been told to all; the oldest is left out then. */
  readonly maxWaiting: number;
}

// Some 5 ms of work, what is written to their sockets included: what a request may be held up by.
const listenersPerTurn = 100;

interface Round<T> {
  readonly value: T;
  readonly listeners: readonly ((value: T) => void)[];
  told: number;
}

/**
 * One source for many listeners. Each value is made once, and told to those who listened when it came: to some of them
 * at once, to the others in the following turns of the event loop, in between which requests are answered. Values are told
 * one after another, so that every listener hears them in order.
 */
export function createAnnouncer<T>({ source, maxWaiting }: AnnouncerOptions<T>): Subscribe<T> {
  const listeners = new Set<(value: T) => void>();
  /** The first is under way. */
  const rounds: Round<T>[] = [];
  let leave: (() => void) | null = null;

  function announce(value: T): void {
    rounds.push({ value, listeners: [...listeners], told: 0 });
    if (rounds.length > maxWaiting + 1) rounds.splice(1, 1);
    if (rounds.length === 1) tellSome();
  }

  function tellSome(): void {
    const [round] = rounds;
    if (round === undefined) return;
    const end = round.told + listenersPerTurn;
    for (const listener of round.listeners.slice(round.told, end)) {
      // Some have left since.
      if (listeners.has(listener)) listener(round.value);
    }
    round.told = end;
    if (round.told >= round.listeners.length) rounds.shift();
    if (rounds.length > 0) setImmediate(tellSome);
  }

  return (listener) => {
    // Each subscription is an entry of its own, even of one function twice.
    const entry = (value: T): void => listener(value);
    listeners.add(entry);
    leave ??= source(announce);
    return () => {
      listeners.delete(entry);
      if (listeners.size > 0) return;
      leave?.();
      leave = null;
    };
  };
}
