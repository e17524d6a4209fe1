import { setTimeout as delay } from 'node:timers/promises';

const query = '{ topology { leader { name } } employees(first: 1) { nodes { id } } }';

/**
 * Asks the gateway at `url` what a client would ask, until it answers without an error: then everything works, from
 * the request down to the rows of the leader. Rejects with the signal's reason.
 */
export async function firstAnswer(url: string, signal: AbortSignal): Promise<void> {
  while (!(await isAnswered(`${url}/graphql`, signal))) {
    // The gateway itself waits for a leader as long as REQUEST_TIMEOUT_MS: this is only for what fails at once.
    await delay(50, undefined, { signal });
  }
}

async function isAnswered(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ query }),
    signal,
  });
  const result: unknown = await response.json();
  return response.ok && typeof result === 'object' && result !== null && !('errors' in result);
}
