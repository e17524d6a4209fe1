import { randomUUID } from 'node:crypto';
import type { Outcome } from '../../trial/history.js';
import { takeTurns } from '../../trial/take-turns.js';
import { type Workshop, untilKnown } from './turns.js';

/** Adds employees under names that nobody else has. */
export interface Adder {
  readonly name: string;
  /** Whether it leaves a write of unknown outcome alone, repeats it until it is known, or sends each one twice at once. */
  readonly habit: 'leaves' | 'repeats' | 'sends twice';
}

/** Milliseconds between two writes: often enough to see a pause of some, seldom enough to leave the machine its breath. */
const thinkMs = 8;

export const adderPosition = 'Added';

/** Runs until the signal. `onDifference` hears of one request that was answered in two ways. */
export async function runAdder(
  { name, habit }: Adder,
  { api, history, signal }: Workshop,
  onDifference: (difference: string) => void,
): Promise<void> {
  let count = 0;
  await takeTurns(signal, thinkMs, async () => {
    count += 1;
    const row = { name: `${name} ${count}`, position: adderPosition, salary: 1 };
    const key = randomUUID();
    const write = () => api.add(row, key);
    const complete = history.begin(name, { workload: 'add', name: row.name });
    switch (habit) {
      case 'leaves':
        return complete(await write());
      case 'repeats':
        return complete(await untilKnown(write));
      case 'sends twice': {
        const [one, other] = await Promise.all([write(), write()]);
        if (one.kind === 'ok' && other.kind === 'ok' && one.value !== other.value)
          onDifference(`${row.name} got id ${one.value} and id ${other.value} for one idempotency key`);
        return complete(surest(one, other));
      }
      default:
        return habit satisfies never;
    }
  });
}

/** Of two attempts at one write: applied by one is applied, and doubt of one is doubt. */
function surest(one: Outcome, other: Outcome): Outcome {
  const wins = (kind: Outcome['kind']) => [one, other].find((outcome) => outcome.kind === kind);
  return wins('ok') ?? wins('unknown') ?? one;
}
