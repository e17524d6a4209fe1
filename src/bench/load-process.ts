import { Client } from 'undici';
import { type Answer, createCheck } from './check-answer.js';
import type { LoadOrder, LoadReport } from './load.js';

const shownProblems = 3;
/** Milliseconds; servers that say less are believed. */
const keepAliveTimeout = 60_000;
const headers = { 'content-type': 'application/json' };

/**
 * Asks one server over many connections, for as long as it is told. undici costs some 37 µs of processor time a request,
 * as autocannon does, and hands over answers as they come, so that they can be checked.
 */
async function drive({ url, requests, lanes, durationMs, maxAnswers }: LoadOrder): Promise<LoadReport> {
  const latenciesMs: number[] = [];
  const problems: string[] = [];
  const check = createCheck();
  let asked = 0;
  const startedAt = performance.now();
  async function lane(client: Client): Promise<void> {
    for (
      let at = startedAt;
      at - startedAt < durationMs && asked < maxAnswers && problems.length < shownProblems;
    ) {
      const request = requests[asked % requests.length];
      asked += 1;
      if (request === undefined) break;
      const answer = await ask(client, request.body);
      const now = performance.now();
      latenciesMs.push(now - at);
      at = now;
      const problem = check(answer, request);
      if (problem !== null) problems.push(problem);
    }
  }
  await Promise.all(clientsOf(url ?? '', lanes).map(lane));
  return { elapsedMs: performance.now() - startedAt, latenciesMs: Float64Array.from(latenciesMs), problems };
}

const clients = new Map<string, readonly Client[]>();

/** Connections stay open from one order to the next, as those of a front-end server do. */
function clientsOf(url: string, count: number): readonly Client[] {
  const known = clients.get(url);
  if (known !== undefined) return known;
  const opened = Array.from({ length: count }, () => new Client(url, { pipelining: 1, keepAliveTimeout }));
  clients.set(url, opened);
  return opened;
}

function ask(client: Client, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    client.dispatch(
      { path: '/graphql', method: 'POST', headers, body },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, statusCode) => {
          status = statusCode;
        },
        onResponseData: (_controller, chunk) => {
          chunks.push(chunk);
        },
        onResponseEnd: () => resolve({ status, chunks }),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

process.on('message', (order: LoadOrder) => {
  drive(order).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      const problems = [`a request had no answer: ${String(error)}`];
      process.send?.({ elapsedMs: 0, latenciesMs: new Float64Array(), problems } satisfies LoadReport);
    },
  );
});
process.send?.('ready');
