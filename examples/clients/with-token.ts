import type { Client } from 'graphql-ws';
import { createSocketClient, type SocketOptions } from './socket.js';

/** Of your identity provider's library: the token that it has, or a fresh one when that was refused. */
export type TokenSource = (options: { readonly fresh: boolean }) => Promise<string>;

/** `fetch` with the token in its header; once more with a fresh one when the answer is that it is not good. */
export async function fetchWithToken(
  url: string,
  operation: object,
  tokenOf: TokenSource,
  { accept, fresh = false }: { readonly accept: string; readonly fresh?: boolean },
): Promise<Response> {
  const authorization = `Bearer ${await tokenOf({ fresh })}`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', accept },
    body: JSON.stringify(operation),
  });
  const isRefused = response.status === 401 && !fresh;
  return isRefused ? fetchWithToken(url, operation, tokenOf, { accept, fresh: true }) : response;
}

/** A query or mutation over HTTP. */
export async function askWithToken(url: string, operation: object, tokenOf: TokenSource): Promise<unknown> {
  return (await fetchWithToken(url, operation, tokenOf, { accept: 'application/json' })).json();
}

/** Results as server-sent events. When the token ends, so does the stream: it is opened anew, and begins anew. */
export async function* streamWithToken(url: string, operation: object, tokenOf: TokenSource): AsyncGenerator {
  const accept = 'text/event-stream';
  let isComplete = false;
  for (let fresh = false; !isComplete; fresh = true) {
    const response = await fetchWithToken(`${url}/stream`, operation, tokenOf, { accept, fresh });
    if (!response.ok || response.body === null) throw new Error(`Refused with status ${response.status}`);
    let text = '';
    try {
      for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
        const events = (text + part).split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) {
          const data = /^data: ?(.+)$/m.exec(event)?.[1];
          if (/^event: next$/m.test(event) && data !== undefined) yield JSON.parse(data);
          isComplete ||= /^event: complete$/m.test(event);
        }
      }
    } catch (error) {
      // What fetch says of a stream that was cut. Not all clients come back at the same moment.
      if (!(error instanceof TypeError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 400));
    }
  }
}

/** A socket that comes back, with a fresh token if the one that it had was refused or has ended: 4403. */
export function createSocketClientWithToken(
  url: string,
  tokenOf: TokenSource,
  options: SocketOptions = {},
): Client {
  let fresh = false;
  const client = createSocketClient(url, {
    ...options,
    connectionParams: async () => ({ Authorization: `Bearer ${await tokenOf({ fresh })}` }),
  });
  client.on('closed', (event) => {
    fresh = event instanceof Object && 'code' in event && event.code === 4403;
  });
  return client;
}
