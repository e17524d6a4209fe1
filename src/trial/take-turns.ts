import { setTimeout as delay } from 'node:timers/promises';

/** Takes turns, one after another, until the signal; resolves when the last is over. */
export async function takeTurns(
  signal: AbortSignal,
  thinkMs: number,
  turn: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await turn();
    await delay(thinkMs, undefined, { signal }).catch(() => undefined);
  }
}
