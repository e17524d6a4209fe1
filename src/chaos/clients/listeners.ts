import { setTimeout as delay } from 'node:timers/promises';
import type { GraphQLClient } from '../../trial/graphql-client.js';
import type { HeardEvent, Listener } from '../check-listeners.js';

const query = 'subscription { leadershipChanged { sequence kind term leader { name } } }';

/** Somebody who listens to changes of leadership, and writes down what is heard. */
export class LeadershipListener implements Listener {
  readonly name: string;
  readonly subscriptions: HeardEvent[][] = [];
  /** Why subscriptions ended that nobody had ended. */
  readonly losses: string[] = [];
  readonly #client: GraphQLClient;

  constructor(name: string, client: GraphQLClient) {
    this.name = name;
    this.#client = client;
  }

  /** Listens until the signal; with `periodMs`, it leaves and comes back that often. */
  async run(signal: AbortSignal, { periodMs }: { periodMs: number | null }): Promise<void> {
    while (!signal.aborted) {
      const events: HeardEvent[] = [];
      this.subscriptions.push(events);
      const over = new AbortController();
      const stop = this.#client.subscribe(query, {
        onEvent: (value) => events.push(parseEvent(value)),
        onEnd: (problem) => {
          if (!signal.aborted && !over.signal.aborted) this.losses.push(problem ?? 'it was completed');
          over.abort();
        },
      });
      const end = AbortSignal.any([signal, over.signal]);
      await delay(periodMs ?? 2 ** 31 - 1, undefined, { signal: end }).catch(() => undefined);
      over.abort();
      await stop();
    }
  }
}

function parseEvent(value: unknown): HeardEvent {
  const { sequence, kind, term, leader }: HeardEvent & { leader: unknown } = Object(value);
  const { name }: { name?: unknown } = Object(leader);
  return { sequence, kind, term, leader: typeof name === 'string' ? name : null };
}
