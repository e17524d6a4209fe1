import type { Outcome } from '../trial/history.js';

/** One step up of a counter. `ok` has the value that it reached. */
export interface Increment {
  readonly counter: string;
  readonly outcome: Outcome;
}

/** Each acknowledged step counts once, each of unknown outcome once or not at all, any other never. In words, what is wrong. */
export function checkCounters(
  increments: readonly Increment[],
  /** Value of each counter in the end, by node. */
  found: ReadonlyMap<string, ReadonlyMap<string, number>>,
): readonly string[] {
  const counters = new Set(increments.map(({ counter }) => counter));
  return [...counters].flatMap((counter) => {
    const own = increments.filter((increment) => increment.counter === counter);
    const reached = own.flatMap(({ outcome }) => (outcome.kind === 'ok' ? [outcome.value] : []));
    const unknown = own.filter(({ outcome }) => outcome.kind === 'unknown').length;
    const twice = reached.filter((value, index) => reached.indexOf(value) !== index);
    const most = reached.length + unknown;
    const wrong = [...found].flatMap(([node, values]) => {
      const value = values.get(counter) ?? 0;
      return value >= reached.length && value <= most
        ? []
        : [
            `${counter} is ${value} on ${node}, after ${reached.length} steps that were acknowledged and ${unknown} that may count`,
          ];
    });
    return [...wrong, ...twice.map((value) => `two steps of ${counter} were told to have reached ${value}`)];
  });
}
