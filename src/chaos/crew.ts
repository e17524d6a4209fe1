import type { GraphQLClient } from '../trial/graphql-client.js';
import { waitFor } from '../trial/wait-for.js';
import { type Adder, runAdder } from './clients/adders.js';
import { Batches } from './clients/batches.js';
import { createCounter, runCounter } from './clients/counters.js';
import { LeadershipListener } from './clients/listeners.js';
import { Registers } from './clients/registers.js';
import type { Workshop } from './clients/turns.js';

/** All clients of a run, and what they have seen beside the history. */
export interface Crew {
  readonly registers: Registers;
  readonly batches: Batches;
  readonly listeners: readonly LeadershipListener[];
  /** Requests that were answered in two ways. */
  readonly differences: readonly string[];
  /** Whether LINEARIZABLE reads were among those of the registers. */
  readonly linearizableReads: boolean;
  /** Resolves when each client has ended, after the signal. */
  readonly finished: Promise<void>;
  /** Resolves when some more writes have been acknowledged, or after a while without. */
  waitForProgress(): Promise<void>;
  /** Resolves when every listener has heard who leads, or after a while; then nobody listens any more. */
  stopListening(leader: string | null): Promise<void>;
}

const adders: readonly Adder[] = [
  { name: 'adder A', habit: 'leaves' },
  { name: 'adder B', habit: 'repeats' },
  { name: 'adder C', habit: 'sends twice' },
];
const counterClients = ['counting A', 'counting B'];
const registerClients = ['registering A', 'registering B', 'registering C'];
/** A listener that comes and goes. */
const listeningPeriodMs = 3_000;
const progressLimitMs = 15_000;
const hearingLimitMs = 3_000;

/** Starts every client. Rejects when the first rows cannot be made. */
export async function startCrew(workshop: Workshop, client: GraphQLClient): Promise<Crew> {
  const linearizableReads = await workshop.api.offers('Consistency', 'LINEARIZABLE');
  const counter = { id: await createCounter('counter', workshop), name: 'counter' };
  const registers = new Registers(workshop, { linearizableReads });
  const batches = new Batches(workshop);
  const differences: string[] = [];
  const listening = new AbortController();
  const listeners = ['listener A', 'listener B', 'listener that comes and goes'].map(
    (name) => new LeadershipListener(name, client),
  );
  const listened = listeners.map((listener, index) =>
    listener.run(listening.signal, { periodMs: index === 2 ? listeningPeriodMs : null }),
  );
  const working = [
    ...adders.map((adder) => runAdder(adder, workshop, (difference) => differences.push(difference))),
    ...registerClients.map((name) => registers.runClient(name)),
    ...counterClients.map((name) => runCounter(name, counter, workshop)),
    batches.runWriter('batching'),
    batches.runReader(),
  ];
  return {
    registers,
    batches,
    listeners,
    differences,
    linearizableReads,
    finished: Promise.all(working).then(() => undefined),
    waitForProgress: async () => {
      const wanted = workshop.api.acknowledgedAt.length + 100;
      const enough = () => workshop.api.acknowledgedAt.length >= wanted;
      await waitFor('writes go on', enough, { timeoutMs: progressLimitMs }).catch(() => undefined);
    },
    stopListening: async (leader) => {
      const know = () =>
        listeners.every(({ subscriptions }) => subscriptions.at(-1)?.at(-1)?.leader === leader);
      await waitFor('all listeners know', know, { timeoutMs: hearingLimitMs }).catch(() => undefined);
      listening.abort();
      await Promise.all(listened);
    },
  };
}
