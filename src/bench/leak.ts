import type { Terminal } from '../terminal.js';
import { findFreePorts } from '../trial/free-ports.js';
import { Contestants, type Stage, gatewayName } from './contestants.js';
import { type Spread, spreadOf } from './figures.js';
import { assertRight } from './rounds.js';
import { workloads } from './workloads.js';

export interface HeapFigures {
  readonly answers: number;
  /** The least of each tenth of the time: what is left when garbage has been collected. */
  readonly leastHeapBytes: readonly number[];
  /** The 99th percentile of each second. */
  readonly loopDelayMs: Spread;
}

/** As a share: code that is compiled later, and what the collector puts off, are less. */
export const maxGrowth = 0.1;

const tenths = 10;
const lookEveryMs = 1_000;

/**
 * From the second, third and fourth tenth to the last three, the least of each: in the first, code is still compiled and caches
 * are filled, and in a single one the collector may put off its work.
 */
export function growthOf({ leastHeapBytes }: Pick<HeapFigures, 'leastHeapBytes'>): number {
  return Math.min(...leastHeapBytes.slice(-3)) / Math.min(...leastHeapBytes.slice(1, 4)) - 1;
}

/** Has one gateway answer for a long time, and looks at its figures meanwhile. Rejects with WrongAnswerError. */
export async function watchHeap({
  terminal,
  signal,
  durationMs,
  ...stage
}: Stage & {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly durationMs: number;
}): Promise<HeapFigures> {
  const [port = 0] = await findFreePorts(1);
  const address = `127.0.0.1:${port}`;
  const start = Contestants.startGateway(stage, { environment: { METRICS_ADDRESS: address } });
  const contestants = await terminal.during('Starting this gateway', start);
  try {
    const [gateway] = contestants.all;
    const workload = workloads.find(({ name }) => name === '90 % reads');
    if (gateway === undefined || workload === undefined) throw new Error('There is nothing to measure');
    const span = { durationMs: durationMs / tenths, maxAnswers: Infinity };
    const leastHeapBytes: number[] = [];
    const delaysMs: number[] = [];
    let answers = 0;
    for (let tenth = 1; tenth <= tenths; tenth += 1) {
      signal.throwIfAborted();
      const looks: Look[] = [];
      const timer = setInterval(() => void look(address).then((each) => looks.push(each)), lookEveryMs);
      const driven = gateway.drive(workload, span).finally(() => clearInterval(timer));
      const report = await terminal.during(`Asking, ${tenth} of ${tenths}`, driven);
      answers += assertRight(report, { contestant: gatewayName, workload }).latenciesMs.length;
      leastHeapBytes.push(Math.min(...looks.map(({ heapBytes }) => heapBytes)));
      delaysMs.push(...looks.map(({ delayMs }) => delayMs));
    }
    return { answers, leastHeapBytes, loopDelayMs: spreadOf(delaysMs) };
  } finally {
    await contestants.stop();
  }
}

interface Look {
  readonly heapBytes: number;
  readonly delayMs: number;
}

async function look(address: string): Promise<Look> {
  const text = await (await fetch(`http://${address}/metrics`)).text();
  const valueOf = (name: string): number => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
  return {
    heapBytes: valueOf('nodejs_heap_size_used_bytes'),
    delayMs: valueOf('nodejs_eventloop_lag_p99_seconds') * 1_000,
  };
}
