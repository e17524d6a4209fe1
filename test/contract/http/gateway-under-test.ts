import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Authenticator } from '../../../src/access/identity.js';
import { systemClock } from '../../../src/clock.js';
import type { LocalNodeControl } from '../../../src/http/local-nodes.js';
import type { OperationObserver } from '../../../src/http/operation-record.js';
import { createHttpServer, type HttpServer, type HttpSettings } from '../../../src/http/server.js';
import { FakeReplicaSet } from '../../support/fake-replica-set.js';
import type { Row } from '../../support/fake-employees.js';

export interface GraphQLResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: Readonly<Record<string, unknown>> | null;
    readonly errors?: readonly {
      readonly message: string;
      readonly path?: readonly (string | number)[];
      readonly extensions: Readonly<Record<string, unknown>>;
    }[];
  };
}

/** The real server on a free port, over a replica set in memory. */
export interface GatewayUnderTest extends AsyncDisposable {
  readonly url: string;
  readonly socketUrl: string;
  readonly replicaSet: FakeReplicaSet;
  readonly server: HttpServer;
  /** Every line that was logged, as text. */
  readonly logged: () => string;
  post(
    query: string,
    variables?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<GraphQLResponse>;
  stop(): Promise<void>;
}

export async function startGateway(
  options: {
    rows?: readonly Row[];
    settings?: Partial<HttpSettings>;
    localNodes?: LocalNodeControl;
    authenticator?: Authenticator;
    observer?: OperationObserver;
  } = {},
): Promise<GatewayUnderTest> {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const replicaSet = new FakeReplicaSet(systemClock, options.rows);
  const server = createHttpServer({
    replicaSet,
    clock: systemClock,
    logger: pino(sink),
    localNodes: options.localNodes ?? null,
    ...(options.authenticator && { authenticator: options.authenticator }),
    ...(options.observer && { observers: [options.observer] }),
    settings: { host: '127.0.0.1', port: 0, requestTimeoutMs: 2_000, ...options.settings },
  });
  const { url } = await server.start();

  return {
    url,
    socketUrl: url.replace('http', 'ws') + '/graphql',
    replicaSet,
    server,
    logged: () => lines.join(''),
    async post(query, variables, headers) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, ...(variables && { variables }) }),
      });
      const { status, headers: answered } = response;
      return { status, headers: answered, body: JSON.parse(await response.text()) };
    },
    stop: () => server.stop(),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
