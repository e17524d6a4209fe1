import { setTimeout as delay } from 'node:timers/promises';
import type { Terminal } from '../terminal.js';
import { GraphQLClient } from '../trial/graphql-client.js';
import { percentile } from '../trial/percentile.js';
import { Contestants, type Stage } from './contestants.js';
import { type Spread, spreadOf } from './figures.js';
import { Listeners } from './listeners.js';
import { readUsage } from './process-usage.js';

export interface FanOutOptions extends Stage {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly subscribers: number;
  /** How often leadership is moved. */
  readonly rounds: number;
}

/** What many listeners cost, and when they hear of a leader. */
export interface FanOutFigures {
  readonly subscribers: number;
  readonly bytesPerSubscriber: number;
  /** Shares of a core, while nothing happens: without listeners, and with all of them. */
  readonly idleWithout: number;
  readonly idleWith: number;
  /** From the moment at which the gateway saw the election to the last of all listeners, over the rounds. */
  readonly lastMs: Spread;
  /** The same, to the listener in the middle. */
  readonly middleMs: Spread;
  /** Processor time of the gateway for one change of leader. */
  readonly cpuMs: Spread;
  /** The longest that a query which needs no node had to wait meanwhile. */
  readonly queryMs: Spread;
}

const processes = 4;
/** One round of signs of life on all sockets and streams, which come every 12 s. */
const idleMs = 13_000;
const query = `subscription {
  leadershipChanged {
    sequence kind term at leaderlessMs
    leader { name uri role writable }
    previousLeader { name }
  }
}`;

/** Has many listen to one gateway, and moves leadership. Rejects when one of them does not hear of it. */
export async function measureFanOut(options: FanOutOptions): Promise<FanOutFigures> {
  const { terminal, signal, subscribers, rounds, ...stage } = options;
  const contestants = await terminal.during('Starting this gateway', Contestants.startGateway(stage));
  const listeners: Listeners[] = [];
  try {
    const [gateway] = contestants.all;
    if (gateway === undefined) throw new Error('The gateway does not run');
    const { pid, url } = gateway;
    if (url === null) throw new Error('The gateway has no address');
    const idleWithout = await terminal.during('Watching it idle', idleShare(pid));
    const before = await readUsage(pid);
    const open = Array.from({ length: processes }, async (_, index) => {
      const count = Math.floor((subscribers + index) / processes);
      listeners.push(await Listeners.open({ url, count, query }));
    });
    await terminal.during(`Opening ${subscribers} subscriptions`, Promise.all(open));
    signal.throwIfAborted();
    const idleWith = await terminal.during('Watching them wait', idleShare(pid));
    const { residentBytes } = await readUsage(pid);
    const results: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      signal.throwIfAborted();
      const moved = moveLeadership({ pid, url, listeners });
      results.push(await terminal.during(`Leadership moves, ${round + 1} of ${rounds}`, moved));
    }
    const spread = (value: (round: Round) => number): Spread => spreadOf(results.map(value));
    return {
      subscribers,
      bytesPerSubscriber: (residentBytes - before.residentBytes) / subscribers,
      idleWithout,
      idleWith,
      lastMs: spread(({ lastMs }) => lastMs),
      middleMs: spread(({ middleMs }) => middleMs),
      cpuMs: spread(({ cpuMs }) => cpuMs),
      queryMs: spread(({ queryMs }) => queryMs),
    };
  } finally {
    await Promise.all(listeners.map((each) => each.stop()));
    await contestants.stop();
  }
}

/** The share of a core that a process uses. */
async function idleShare(pid: number): Promise<number> {
  const before = await readUsage(pid);
  const startedAt = performance.now();
  await delay(idleMs);
  const { cpuMs } = await readUsage(pid);
  return (cpuMs - before.cpuMs) / (performance.now() - startedAt);
}

interface Round {
  readonly lastMs: number;
  readonly middleMs: number;
  readonly cpuMs: number;
  readonly queryMs: number;
}

/** How long the effects of one round may last before the next: what is written by then is written. */
const settleMs = 1_000;

async function moveLeadership({
  pid,
  url,
  listeners,
}: {
  readonly pid: number;
  readonly url: string;
  readonly listeners: readonly Listeners[];
}): Promise<Round> {
  const client = new GraphQLClient(url);
  const { leader, nodes } = await readTopology(client);
  const successor = nodes.find((name) => name !== leader);
  await delay(settleMs);
  const before = await readUsage(pid);
  const over = new AbortController();
  const waiting = longestWait(client, over.signal);
  const answer = await client.ask({
    query: 'mutation Move($to: String!) { transferLeadership(to: $to) { term } }',
    variables: { to: successor },
  });
  const { term } = valueOf(answer);
  const heard = await Promise.all(listeners.map((each) => each.waitForElection(Number(term))));
  over.abort();
  const queryMs = await waiting;
  const { cpuMs } = await readUsage(pid);
  const delaysMs = heard.flatMap((each) => [...each.delaysMs]);
  return {
    lastMs: Math.max(...heard.flatMap((each) => [...each.delaysMs])),
    middleMs: percentile(delaysMs, 0.5),
    cpuMs: cpuMs - before.cpuMs,
    queryMs,
  };
}

/** Between two queries that look how long they have to wait: few enough to be no load. */
const lookEveryMs = 10;

/** Asks again and again what is answered from memory. */
async function longestWait(client: GraphQLClient, over: AbortSignal): Promise<number> {
  let longestMs = 0;
  while (!over.aborted) {
    const askedAt = performance.now();
    await client.ask({ query: '{ topology { term } }' });
    longestMs = Math.max(longestMs, performance.now() - askedAt);
    await delay(lookEveryMs);
  }
  return longestMs;
}

async function readTopology(client: GraphQLClient): Promise<{ leader: unknown; nodes: readonly unknown[] }> {
  const topology = valueOf(await client.ask({ query: '{ topology { leader { name } nodes { name } } }' }));
  const nodes = Array.isArray(topology['nodes']) ? topology['nodes'] : [];
  const { name }: Readonly<Record<string, unknown>> = Object(topology['leader']);
  return { leader: name, nodes: nodes.map((node: unknown) => Object(node).name) };
}

/** The value of the only field. */
function valueOf(answer: Awaited<ReturnType<GraphQLClient['ask']>>): Readonly<Record<string, unknown>> {
  if (answer.kind !== 'data') throw new Error(`The gateway answers ${JSON.stringify(answer)}`);
  return Object(Object.values(answer.data)[0]);
}
