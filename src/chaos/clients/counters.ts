import { randomUUID } from 'node:crypto';
import { takeTurns } from '../../trial/take-turns.js';
import { type Workshop, untilKnown } from './turns.js';

const thinkMs = 20;

export const counterPosition = 'Counter';

/** Makes a counter at zero; resolves to its id. Rejects when that does not succeed. */
export async function createCounter(name: string, { api }: Workshop): Promise<number> {
  const key = randomUUID();
  const outcome = await untilKnown(() => api.add({ name, position: counterPosition, salary: 0 }, key));
  if (outcome.kind === 'ok' && outcome.value !== null) return outcome.value;
  throw new Error(`${name} could not be made`);
}

/**
 * Counts up until the signal: reads, and writes one more if nobody has been faster. A step of unknown outcome is repeated
 * with its key until it is known: applied twice, or taken for refused because it had been applied, it would show.
 */
export async function runCounter(
  client: string,
  { id, name }: { id: number; name: string },
  { api, history, signal }: Workshop,
): Promise<void> {
  await takeTurns(signal, thinkMs, async () => {
    const read = await api.salaryOf(id, { consistency: 'LEADER' });
    if (read.kind !== 'ok' || read.value === null) return;
    const expected = read.value;
    const idempotencyKey = randomUUID();
    const complete = history.begin(client, { workload: 'counter', counter: name });
    complete(await untilKnown(() => api.setSalary(id, { salary: expected + 1, expected, idempotencyKey })));
  });
}
