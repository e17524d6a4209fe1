/** An error as the gateway tells it: docs/errors.md. */
export interface GatewayError {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly field?: string; readonly retryable?: true };
}

export class GatewayFailure extends Error {
  override readonly name = 'GatewayFailure';

  constructor(readonly errors: readonly GatewayError[]) {
    super(errors.map(({ message }) => message).join('; '));
  }
}

export interface RequestOptions {
  /** One for each thing that the user does: it makes a repetition safe. */
  readonly idempotencyKey?: string;
  /** Less than the ten minutes for which the cluster remembers a key. */
  readonly giveUpAfterMs?: number;
}

// The gateway answers within 10 s, its REQUEST_TIMEOUT_MS. Longer silence is the network's.
const answerWithinMs = 15_000;

/** Asks until there is an answer that a repetition would not change, or the time is over; then rejects with the last failure. */
export async function request<Data>(
  url: string,
  operation: { readonly query: string; readonly variables?: object },
  { idempotencyKey = crypto.randomUUID(), giveUpAfterMs = 60_000 }: RequestOptions = {},
): Promise<Data> {
  const giveUpAt = performance.now() + giveUpAfterMs;
  for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, 2_000)) {
    try {
      return await ask(url, operation, idempotencyKey);
    } catch (error) {
      if (!isRetryable(error) || performance.now() + pauseMs > giveUpAt) throw error;
    }
    // Not all clients at the same moment.
    await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random() / 2)));
  }
}

async function ask<Data>(url: string, operation: object, idempotencyKey: string): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    body: JSON.stringify(operation),
    signal: AbortSignal.timeout(answerWithinMs),
  });
  const { data, errors } = JSON.parse(await response.text());
  if (errors !== undefined) throw new GatewayFailure(errors);
  return data;
}

/** What is no answer of the gateway at all is a broken connection, or a proxy that speaks for it. */
const isRetryable = (error: unknown): boolean =>
  !(error instanceof GatewayFailure) || error.errors.every(({ extensions }) => extensions.retryable === true);
