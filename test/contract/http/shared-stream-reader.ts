import { EventEmitter, once } from 'node:events';

/** What a shared event stream tells of one operation. */
export interface StreamEvent {
  readonly event: string;
  readonly id: string;
  /** Of `next`. */
  readonly payload?: unknown;
}

/** One event stream that several operations share, as its client has it. */
export interface SharedStreamReader {
  /** The headers that a request about it has. */
  readonly headers: Readonly<Record<string, string>>;
  /** The next event of an operation. */
  next(id: string): Promise<StreamEvent>;
  close(): void;
}

/** Reserves a stream and opens it. */
export async function openSharedStream(url: string): Promise<SharedStreamReader> {
  const reserved = await fetch(url, { method: 'PUT' });
  const headers = { 'x-graphql-event-stream-token': await reserved.text() };
  const client = new AbortController();
  const response = await fetch(url, {
    headers: { ...headers, accept: 'text/event-stream' },
    signal: client.signal,
  });
  const arrived = new EventEmitter();
  arrived.setMaxListeners(0);
  const waiting = new Map<string, StreamEvent[]>();

  async function follow(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) keep(part);
    }
  }

  function keep(part: string): void {
    const [, event, data] = /^event: (\w+)\ndata: (.*)$/m.exec(part) ?? [];
    if (event === undefined || data === undefined) return;
    const told: StreamEvent = { event, ...JSON.parse(data) };
    waiting.set(told.id, [...(waiting.get(told.id) ?? []), told]);
    arrived.emit(told.id);
  }

  const ended = follow().catch(() => undefined);
  return {
    headers,
    async next(id) {
      for (;;) {
        const [first, ...rest] = waiting.get(id) ?? [];
        if (rest.length > 0) waiting.set(id, rest);
        else waiting.delete(id);
        if (first !== undefined) return first;
        const isOver = await Promise.race([once(arrived, id).then(() => false), ended.then(() => true)]);
        if (isOver) throw new Error('The stream has ended');
      }
    },
    close: () => client.abort(),
  };
}
