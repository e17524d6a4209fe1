import cluster from 'node:cluster';
import type { SiblingListener, Siblings } from '../http/siblings.js';
import { readOrder, type SiblingNews, type WorkerNews } from './messages.js';

/** How much later the others hear what was done here: one message for all of it. */
const tellAfterMs = 100;

/** The end of a worker's line to the primary. */
export interface WorkerLine {
  readonly siblings: Siblings;
  /** Says that this worker takes connections. */
  tellServing(): void;
}

export interface WorkerLineOptions {
  /** How many there are. */
  readonly processes: number;
  readonly onStop: () => void;
  readonly onReadConfig: () => void;
}

/** To be called once, in a worker, before it serves. Null in a process that is no worker. */
export function openWorkerLine({ processes, onStop, onReadConfig }: WorkerLineOptions): WorkerLine | null {
  if (!cluster.isWorker) return null;
  const listeners: SiblingListener[] = [];
  const counts = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;

  function tellCounts(): void {
    timer = null;
    tell({ kind: 'tokens', counts: [...counts] });
    counts.clear();
  }

  function hear(from: number, news: SiblingNews): void {
    for (const { onTokens, onConnections } of listeners) {
      if (news.kind === 'connections') onConnections(from, news.subject, news.open);
      else for (const [subject, count] of news.counts) onTokens(subject, count);
    }
  }

  process.on('message', (message: unknown) => {
    const order = readOrder(message);
    if (order?.kind === 'stop') onStop();
    if (order?.kind === 'read-config') onReadConfig();
    if (order?.kind === 'news') hear(order.from, order.news);
  });

  return {
    siblings: {
      processes,
      tellTokens(subject, tokens) {
        counts.set(subject, (counts.get(subject) ?? 0) + tokens);
        timer ??= setTimeout(tellCounts, tellAfterMs).unref();
      },
      tellConnections: (subject, open) => tell({ kind: 'connections', subject, open }),
      hear: (listener) => void listeners.push(listener),
    },
    tellServing: () => tell({ kind: 'serving' }),
  };
}

/** Where nobody is at the other end any more this process ends by itself. */
function tell(news: WorkerNews): void {
  if (process.connected) process.send?.(news);
}
