import { createClient } from 'graphql-ws';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { chooseLogin } from '../../src/cluster-config/read.js';
import { createGateway } from '../../src/gateway.js';
import { packageRoot } from '../../src/package-root.js';
import { parseSettings } from '../../src/settings.js';
import type { TestCluster } from './cluster.js';

interface Problem {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly [detail: string]: unknown };
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly Problem[];
}

/** The gateway as it is shipped, on a free port, in front of real nodes; with clients for HTTP and WebSocket. */
export interface TestGateway {
  readonly url: string;
  /** Asks over HTTP. Resolves to `data`, rejects with a GraphQLFailure. */
  ask(query: string, variables?: object): Promise<unknown>;
  /** Listens over a WebSocket. The array grows with every event: the value of its only field. */
  subscribe(query: string): readonly unknown[];
  /** Ends the clients, then the gateway. */
  stop(): Promise<void>;
}

/** What a client is told instead of data. */
export class GraphQLFailure extends Error {
  override readonly name = 'GraphQLFailure';
  readonly codes: readonly string[];
  /** Of the first error. */
  readonly extensions: Problem['extensions'] | undefined;

  constructor(errors: readonly Problem[]) {
    super(errors.map(({ message }) => message).join('; '));
    this.extensions = errors[0]?.extensions;
    this.codes = errors.map(({ extensions }) => extensions.code);
  }
}

/** Starts a gateway; `environment` as for `npm run gateway`. */
export async function startGateway(
  cluster: TestCluster,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestGateway> {
  const settings = parseSettings(
    { PORT: '0', LOG_LEVEL: 'silent', CLUSTER_CONFIG: cluster.definition.path, ...environment },
    { cwd: cluster.directory, packageRoot },
  );
  const login = chooseLogin(cluster.definition, { user: settings.tarantoolUser, password: null });
  const logger = pino({ level: settings.logLevel });
  const gateway = await createGateway(
    { settings, cluster: cluster.definition, login, trustedManifest: null, warnings: [] },
    logger,
  );
  const { url } = await gateway.start();
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  return {
    url,
    ask: async (query, variables = {}) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors }: Answer = JSON.parse(await response.text());
      if (errors !== undefined) throw new GraphQLFailure(errors);
      return data;
    },
    subscribe: (query) => {
      const events: unknown[] = [];
      client.subscribe(
        { query },
        {
          next: ({ data, errors }) => events.push(errors ?? Object.values(data ?? {})[0]),
          error: (error) => events.push(error),
          complete: () => undefined,
        },
      );
      return events;
    },
    stop: async () => {
      await client.dispose();
      await gateway.stop();
    },
  };
}
