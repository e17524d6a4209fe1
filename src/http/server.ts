import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type Authenticator, allowEverybody } from '../access/identity.js';
import type { Clock } from '../clock.js';
import { OperatorError } from '../operator-error.js';
import { packageRoot } from '../package-root.js';
import type { ReplicaSet, ReplicaSetObserver, ReplicaSetOperator } from '../replicaset/replica-set.js';
import { createApolloServer } from './apollo.js';
import { setAnswerHeaders } from './answer-headers.js';
import { createApp } from './app.js';
import { printGatewaySchema } from './build-schema.js';
import { ClientSignal } from './client-signal.js';
import { allowOrigins } from './cors.js';
import { ConnectionLimiter } from './limits/connection-limiter.js';
import type { ErrorCode } from './error-codes.js';
import { defaultLimits, type Limits } from './limits/limits.js';
import { RateLimiter } from './limits/rate-limiter.js';
import { type LocalNodeControl, addLocalNodes, localNodePaths } from './local-nodes.js';
import { createOperations } from './operations.js';
import { addPages, schemaPath } from './pages.js';
import { EventStreams } from './event-streams.js';
import { addHealthRoutes } from './health.js';
import { pageNames, type PageName } from './page-names.js';
import { hasPermission, identifyClients } from './identify-clients.js';
import { createPipeline, type GatewayContext } from './pipeline.js';
import { refuseOtherNames } from './host-names.js';
import { answerPlainPost, readPlainPost } from './plain-posts.js';
import { headerOf } from './request-headers.js';
import type { OperationObserver, OperationRecord } from './operation-record.js';
import { refuseUnread } from './refuse-unread.js';
import { refuseBatch } from './stream-request.js';
import { TrustedDocuments, type TrustedManifest } from './trusted-documents.js';
import type { Siblings } from './siblings.js';
import { createSocketProtocol } from './socket-protocol.js';
import { SocketServer } from './socket-server.js';
import { createSubscriptions } from './subscriptions.js';

export interface HttpSettings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The whole time that an operation has, from the door and back. */
  readonly requestTimeoutMs: number;
  /** Whether clients may read the schema. */
  readonly introspection?: boolean;
  /** Under which names this gateway may be asked for; those of loopback unless it says so. */
  readonly hostNames?: 'loopback' | 'any';
  /** How many operations a second each subject may send; 0, as unless it is given, for any number. */
  readonly rateLimit?: number;
  /** How many WebSockets and event streams each subject may have open; 0, as unless it is given, for any number. */
  readonly maxConnectionsPerSubject?: number;
  /** Which documents may be run; every one unless it is given. */
  readonly trustedManifest?: TrustedManifest | null;
  /** Pages for people; all of them unless it is given. */
  readonly pages?: readonly PageName[];
  /** Origins of other pages that may use the API; none unless it is given. */
  readonly corsOrigins?: readonly string[];
  /** What an operation may be, where it is not as usual. */
  readonly limits?: Partial<Limits>;
  /** How long it goes on as before when it is to stop, and says that it is not ready: for balancers to hear of it. */
  readonly stopDelayMs?: number;
  /** How long it waits for requests in flight after that. */
  readonly stopTimeoutMs?: number;
  /** Where the built pages are. */
  readonly pagesDirectory?: string;
}

export interface HttpServerOptions {
  readonly replicaSet: ReplicaSet & ReplicaSetObserver & ReplicaSetOperator;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: HttpSettings;
  /** Who may come in; everybody, with every right, unless it is given. */
  readonly authenticator?: Authenticator;
  /** Told of every operation; nobody unless they are given. */
  readonly observers?: readonly OperationObserver[];
  /** Given only when this gateway was started together with the nodes. */
  readonly localNodes?: LocalNodeControl | null;
  /** Other processes that serve the same port; none unless it is given. */
  readonly siblings?: Siblings | null;
}

export interface HttpServer {
  /** Resolves when connections are accepted. Rejects with ListenError; then there is nothing to stop. */
  start(): Promise<{ readonly url: string }>;
  /**
   * Says that it is not ready, and goes on for `stopDelayMs`. Then accepts nothing more, lets queries and mutations in
   * flight end, ends event streams and closes WebSockets with 1001. Resolves when all are closed, `stopTimeoutMs` after
   * the delay at the latest. The same promise on every call.
   */
  stop(): Promise<void>;
}

/** The address cannot be listened on. Its cause is the system's error. */
export class ListenError extends OperatorError {
  override readonly name = 'ListenError';
}

const graphqlPath = '/graphql';
const streamPath = '/graphql/stream';
const identifiedPaths = [graphqlPath, streamPath, schemaPath, ...localNodePaths];
// 100 rows with the longest names and positions are 90 kB in ASCII.
const maxRequestBytes = 100 * 1024;
// Two elections; whoever started us kills us some time after that.
const defaultStopTimeoutMs = 10_000;
const defaultPagesDirectory = join(packageRoot, 'dist/pages');

/** GraphQL over HTTP and WebSocket on one port, with health checks beside it. Nothing is opened before `start`. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { replicaSet, clock, logger, settings, localNodes = null } = options;
  const { authenticator = allowEverybody, observers = [], siblings = null } = options;
  const { host, port, requestTimeoutMs, introspection = true, rateLimit = 0 } = settings;
  const connections = new ConnectionLimiter(settings.maxConnectionsPerSubject ?? 0, siblings);
  const rateLimiter = rateLimit === 0 ? null : new RateLimiter(rateLimit, clock, siblings);
  siblings?.hear({
    onTokens: (subject, tokens) => rateLimiter?.spend(subject, tokens),
    onConnections: (sibling, subject, open) => connections.setElsewhere(sibling, subject, open),
  });
  const { stopDelayMs = 0, stopTimeoutMs = defaultStopTimeoutMs } = settings;
  const { pagesDirectory = defaultPagesDirectory } = settings;
  const { hostNames = 'loopback', pages = pageNames, corsOrigins = [], trustedManifest = null } = settings;
  const origins = new Set(corsOrigins);
  const isStopping = () => stopping !== null;
  const pipeline = createPipeline({
    replicaSet,
    clock,
    logger,
    requestTimeoutMs,
    authenticator,
    introspection,
    observers,
  });
  const operations = createOperations(pipeline, {
    introspection,
    limits: { ...defaultLimits, ...settings.limits },
    rateLimiter,
    trustedDocuments: trustedManifest === null ? null : new TrustedDocuments(trustedManifest, logger),
  });
  const subscriptions = createSubscriptions(operations);
  const apollo = createApolloServer(pipeline, { operations, logger });
  const onRefusal = (code: ErrorCode) => pipeline.turnAway(code);
  const sockets = new SocketServer({
    protocol: createSocketProtocol({ operations, subscriptions, pipeline, connections }),
    path: graphqlPath,
    maxMessageBytes: maxRequestBytes,
    hostNames,
    origins,
    logger,
    onRefusal,
  });
  const streams = new EventStreams({
    path: streamPath,
    operations,
    subscriptions,
    pipeline,
    connections,
    origins,
    isAlone: siblings === null,
  });
  const app = createApp({
    logger,
    methods: new Map([
      [graphqlPath, 'GET, POST'],
      [streamPath, 'GET, POST, PUT, DELETE'],
    ]),
    maxBodyBytes: maxRequestBytes,
    isStopping,
    onRefusal,
  });
  addHealthRoutes(app, {
    observer: replicaSet,
    clock,
    isStopping,
    patienceMs: requestTimeoutMs,
    seesCluster: (request) => hasPermission(request, 'cluster:read', pipeline),
  });
  setAnswerHeaders(app);
  if (hostNames === 'loopback') refuseOtherNames(app);
  allowOrigins(app, corsOrigins);
  // After that, so that pages of these origins can read that they need a token.
  app.after(() => {
    identifyClients(app, { paths: identifiedPaths, pipeline });
    if (rateLimiter !== null) refuseUnread(app, { paths: [graphqlPath, streamPath], rateLimiter });
  });
  addPages(app, {
    pages,
    needToken: authenticator.asksForToken === true,
    directory: pagesDirectory,
    printSchema: introspection ? () => printGatewaySchema(pipeline.schema) : null,
  });
  if (localNodes !== null) addLocalNodes(app, localNodes);
  let stopping: Promise<void> | null = null;
  let isApolloStarted = false;

  function contextOf({ id, method, headers, identity }: FastifyRequest, reply: FastifyReply): GatewayContext {
    const signal = new ClientSignal();
    const context = pipeline.createContext({
      transport: 'http',
      byGet: method === 'GET',
      requestId: id,
      traceContext: headers,
      idempotencyKey: headerOf(headers['idempotency-key']),
      identity,
      signal,
    });
    reply.raw.once('close', () => {
      // Before the answer has been sent.
      if (!reply.raw.writableFinished) signal.abort();
      endUncounted(context.record, reply.statusCode);
    });
    return context;
  }

  async function start(): Promise<{ readonly url: string }> {
    await apollo.start();
    isApolloStarted = true;
    const handleByApollo = fastifyApolloHandler(apollo, {
      context: async (request, reply) => contextOf(request, reply),
    });
    app.route({
      method: ['GET', 'POST'],
      url: graphqlPath,
      handler(request, reply) {
        const plain = readPlainPost(request);
        if (plain !== null)
          return answerPlainPost(plain, reply, { operations, context: contextOf(request, reply) });
        refuseBatch(request.body);
        return handleByApollo.call(this, request, reply);
      },
    });
    streams.attach(app);
    sockets.attach(app.server);
    try {
      await app.listen({ host, port });
    } catch (error) {
      await stop();
      throw listenError(error, { host, port });
    }
    return { url: urlOf(app.server.address(), host) };
  }

  async function close(): Promise<void> {
    if (app.server.listening && stopDelayMs > 0) await delay(stopDelayMs);
    const limit = setTimeout(() => {
      sockets.terminate();
      app.server.closeAllConnections();
    }, stopTimeoutMs);
    try {
      streams.stop();
      await Promise.all([sockets.stop(), app.close()]);
      if (isApolloStarted) await apollo.stop();
    } finally {
      clearTimeout(limit);
    }
  }

  function stop(): Promise<void> {
    stopping ??= close();
    return stopping;
  }

  return { start, stop };
}

/** What Apollo Server refuses before it looks for an operation, and what fails by a defect, has no result to count. */
function endUncounted(record: OperationRecord, status: number): void {
  if (status < 400) record.end();
  else record.endWith([status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR']);
}

function urlOf(address: AddressInfo | string | null, host: string): string {
  if (address === null || typeof address === 'string') throw new Error('The server listens on no TCP port');
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use: stop what uses it, or set PORT to another',
  EACCES: 'the system forbids it: ports below 1024 need more rights; set PORT to another',
  EADDRNOTAVAIL: 'this machine has no such address: set HOST to one of its own',
  ENOTFOUND: 'no such host is known: set HOST to an address of this machine',
};

function listenError(cause: unknown, { host, port }: { host: string; port: number }): ListenError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  return new ListenError(`Cannot listen on ${host}:${port}`, [remedies[code] ?? code], { cause });
}
