import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until `probe` answers something other than null, undefined or false; rejects after `timeoutMs`
 * with what was waited for and the last answer or error. For facts that nobody announces.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T> | T,
  { timeoutMs = 10_000 }: { timeoutMs?: number } = {},
): Promise<NonNullable<T>> {
  const deadlineAt = performance.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const answer = await probe();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await delay(20);
  } while (performance.now() < deadlineAt);
  throw new Error(`Within ${timeoutMs} ms it did not happen that ${what}; last seen: ${String(last)}`);
}
