/** Called with what has come since the last call, oldest first: one value or more. */
export type Listener<T> = (values: readonly T[]) => void;

/** How to hear of values: returns the way to hear of no more. */
export type Subscribe<T> = (listener: Listener<T>) => () => void;

export interface AnnouncerOptions<T> {
  /** Where the values come from. Subscribed to once, while there is anybody to tell. */
  readonly source: (tell: (value: T) => void) => () => void;
  /** How many values may wait until all have heard of them; the oldest is left out then. */
  readonly maxWaiting: number;
}

// Some 5 ms of work, what is written to their sockets included: what a request may be held up by.
const listenersPerTurn = 100;

interface Entry<T> {
  readonly listener: Listener<T>;
  /** The number of the first value that it has not been told. */
  next: number;
}

/**
 * One source for many listeners. Each value is made once, and told to some of those who listened when it came at once, to
 * the others in the following turns of the event loop, in between which requests are answered. Whoever has not had a turn
 * when another value comes is told both in one call, so that they can be sent together. Every listener hears them in order.
 */
export function createAnnouncer<T>({ source, maxWaiting }: AnnouncerOptions<T>): Subscribe<T> {
  const entries = new Set<Entry<T>>();
  /** Those who have something to be told, longest first. */
  const behind = new Set<Entry<T>>();
  /** What some of them have to be told. */
  let values: readonly T[] = [];
  /** The number that the next value gets. */
  let next = 0;
  let isUnderWay = false;
  let leave: (() => void) | null = null;

  function announce(value: T): void {
    values = [...values, value].slice(-maxWaiting);
    next += 1;
    for (const entry of entries) behind.add(entry);
    if (isUnderWay) return;
    isUnderWay = true;
    tellSome();
  }

  function tellSome(): void {
    let told = 0;
    for (const entry of behind) {
      behind.delete(entry);
      const missed = values.slice(-(next - entry.next));
      entry.next = next;
      entry.listener(missed);
      told += 1;
      if (told === listenersPerTurn) break;
    }
    isUnderWay = behind.size > 0;
    if (isUnderWay) setImmediate(tellSome);
    else values = [];
  }

  return (listener) => {
    // Each subscription is an entry of its own, even of one function twice.
    const entry = { listener, next };
    entries.add(entry);
    leave ??= source(announce);
    return () => {
      entries.delete(entry);
      behind.delete(entry);
      if (entries.size > 0) return;
      leave?.();
      leave = null;
    };
  };
}
