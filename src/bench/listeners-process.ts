import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { WebSocket } from 'ws';
import type { Heard, ListenersOrder } from './listeners.js';

/** So many begin at a time: a gateway takes up what waits in its backlog, which is short. */
const openedAtATime = 50;

/** Opens one listener; resolves with its first event. `onEvent` gets each further one. */
type Open = (order: ListenersOrder, onEvent: (data: unknown) => void) => Promise<void>;

const openSocket: Open = ({ url, query }, onEvent) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      perMessageDeflate: false,
    });
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`A socket was closed with ${code}`)));
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    let events = 0;
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      const { type, payload } = JSON.parse(text);
      if (type === 'connection_ack')
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      if (type === 'error') reject(new Error(text));
      if (type !== 'next') return;
      events += 1;
      if (events === 1) resolve();
      else onEvent(payload.data);
    });
  });

const openStream: Open = async ({ url, query }, onEvent) => {
  const headers = { accept: 'text/event-stream', 'content-type': 'application/json' };
  const asked: ClientRequest = request(`${url}/graphql/stream`, { method: 'POST', headers, agent: false });
  asked.end(JSON.stringify({ query }));
  const [response] = await once(asked, 'response');
  await new Promise<void>((resolve, reject) => {
    let rest = '';
    let events = 0;
    response.on('error', reject);
    response.on('close', () => reject(new Error('A stream was closed')));
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = `${rest}${chunk}`.split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const text = /^event: next\ndata: (.*)$/.exec(part)?.[1];
        if (text === undefined) continue;
        events += 1;
        if (events === 1) resolve();
        else onEvent(JSON.parse(text).data);
      }
    });
  });
};

async function listen(order: ListenersOrder): Promise<void> {
  const { count } = order;
  const delaysByTerm = new Map<number, number[]>();
  const hear = (data: unknown): void => {
    const [change]: unknown[] = Object.values(Object(data));
    const { kind, term, at }: Readonly<Record<string, unknown>> = Object(change);
    if (kind !== 'ELECTED') return;
    const delays = delaysByTerm.get(Number(term)) ?? [];
    delaysByTerm.set(Number(term), delays);
    delays.push(performance.timeOrigin + performance.now() - Date.parse(String(at)));
    if (delays.length < count) return;
    process.send?.({ term: Number(term), delaysMs: Float64Array.from(delays) } satisfies Heard);
  };
  for (let opened = 0; opened < count; opened += openedAtATime) {
    const some = Array.from({ length: Math.min(openedAtATime, count - opened) }, (_, index) =>
      (index % 2 === 0 ? openSocket : openStream)(order, hear),
    );
    await Promise.all(some);
  }
  process.send?.({ kind: 'open' });
}

process.on('message', (order: ListenersOrder) => {
  listen(order).catch((error: unknown) => process.send?.({ kind: 'failed', problem: String(error) }));
});
// Whoever started it is gone.
process.once('disconnect', () => process.exit());
