import type { Subscribe } from './announcer.js';

/**
 * A source of values, as seen by one listener: the first value, then every further one in order, as long as the
 * listener keeps up. One that is still busy when values come gets only the newest of them when it is back. So one
 * value is held for it, however slow it is, beside the rest of those that came together while it waited.
 *
 * `first` and `subscribe` are called in one synchronous step when the listener asks for its first value: nothing can
 * fall between them. The source is left as soon as the listener returns, also while it waits. (The `return` of an
 * `async function*` would wait for the `await` in its body, for ever in an election that does not come.)
 *
 * | state | meaning |
 * | --- | --- |
 * | `new` | nothing was asked for yet, so nothing was subscribed |
 * | `busy` | the listener has a value in hand; `missed` is what it gets next |
 * | `waiting` | the listener wants the next value |
 * | `over` | the listener has left |
 */
export function latest<T>(first: () => T, subscribe: Subscribe<T>): AsyncGenerator<T, undefined, undefined> {
  type Result = IteratorResult<T, undefined>;
  type State =
    | { readonly phase: 'new' }
    | { readonly phase: 'over' }
    | { readonly phase: 'busy'; readonly missed: readonly Result[]; readonly leave: () => void }
    | { readonly phase: 'waiting'; readonly settle: (result: Result) => void; readonly leave: () => void };

  const end: Result = { done: true, value: undefined };
  let state: State = { phase: 'new' };

  function push(values: readonly T[]): void {
    const results = values.map((value): Result => ({ done: false, value }));
    if (state.phase === 'busy') {
      state = { ...state, missed: results.slice(-1) };
    } else if (state.phase === 'waiting') {
      const { settle, leave } = state;
      const result = take(results, leave);
      if (result !== null) settle(result);
    }
  }

  /** The first of the results, if there is any; the others are for later. */
  function take([result, ...missed]: readonly Result[], leave: () => void): Result | null {
    if (result === undefined) return null;
    state = { phase: 'busy', missed, leave };
    return result;
  }

  async function next(): Promise<Result> {
    if (state.phase === 'over') return end;
    if (state.phase === 'waiting') throw new Error('A listener may ask for one value at a time');
    if (state.phase === 'new') {
      const value = first();
      state = { phase: 'busy', missed: [], leave: subscribe(push) };
      return { done: false, value };
    }
    const { missed, leave } = state;
    return (
      take(missed, leave) ??
      new Promise((settle) => {
        state = { phase: 'waiting', settle, leave };
      })
    );
  }

  function stop(): void {
    const before = state;
    state = { phase: 'over' };
    if (before.phase === 'busy' || before.phase === 'waiting') before.leave();
    if (before.phase === 'waiting') before.settle(end);
  }

  const generator: AsyncGenerator<T, undefined, undefined> = {
    next,
    async return() {
      stop();
      return end;
    },
    async throw(error) {
      stop();
      throw error;
    },
    [Symbol.asyncIterator]: () => generator,
  };
  return generator;
}
