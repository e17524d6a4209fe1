import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Identity } from '../access/identity.js';
import { EventStream } from './event-stream.js';
import type { ConnectionLimiter } from './limits/connection-limiter.js';
import { findRefusal, type OperationRefusal } from './operation-refusal.js';
import type { Operations } from './operations.js';
import type { GatewayContext, Origin, Pipeline } from './pipeline.js';
import { headerOf } from './request-headers.js';
import { isSubscription, runOperation } from './run-operation.js';
import { isAllowedOrigin } from './origins.js';
import { SharedStream } from './shared-stream.js';
import type { Subscriptions } from './subscriptions.js';
import { badRequest, parameterOf, parseStreamRequest, RefusedRequest } from './stream-request.js';

/*
 * GraphQL over server-sent events, for listeners behind proxies that break WebSocket
 * (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md).
 *
 * | request                                    | mode     | does                                              |
 * | ------------------------------------------ | -------- | ------------------------------------------------- |
 * | GET or POST, accepts `text/event-stream`   | distinct | runs an operation; its results are the stream     |
 * | PUT                                        | single   | reserves a stream and answers its token           |
 * | GET with token, accepts `text/event-stream`| single   | opens that stream                                 |
 * | POST or GET with token                     | single   | runs an operation; its results go to that stream  |
 * | DELETE with token, `?operationId=`         | single   | ends an operation                                 |
 */

export interface EventStreamsOptions {
  readonly path: string;
  readonly operations: Operations;
  readonly subscriptions: Subscriptions;
  readonly pipeline: Pipeline;
  readonly connections: ConnectionLimiter;
  /** Of other pages that may ask for one. */
  readonly origins: ReadonlySet<string>;
  /** Whether no other process serves the same port: a token is known in one process only. */
  readonly isAlone: boolean;
}

const noSharedStreams =
  'This gateway has several processes (WORKERS), and a stream for many operations belongs to one: open a stream for each operation, or a WebSocket';
const tokenHeader = 'x-graphql-event-stream-token';
// Each is gone after 3 s unless it is opened: a thousand clients may begin at the same moment.
const maxReservations = 1_000;

/** The event streams of one HTTP server. */
export class EventStreams {
  readonly #operations: Operations;
  readonly #subscriptions: Subscriptions;
  readonly #pipeline: Pipeline;
  readonly #connections: ConnectionLimiter;
  readonly #isAlone: boolean;
  readonly #path: string;
  readonly #origins: ReadonlySet<string>;
  /** By token; reserved or open. */
  readonly #shared = new Map<string, SharedStream>();
  /** Those of one operation that have no end of their own. */
  readonly #endless = new Set<EventStream>();
  #isStopping = false;

  constructor({
    path,
    operations,
    subscriptions,
    pipeline,
    connections,
    origins,
    isAlone,
  }: EventStreamsOptions) {
    this.#subscriptions = subscriptions;
    this.#origins = origins;
    this.#path = path;
    this.#pipeline = pipeline;
    this.#connections = connections;
    this.#isAlone = isAlone;
    this.#operations = operations;
  }

  attach(app: FastifyInstance): void {
    app.route({
      method: ['GET', 'POST', 'PUT', 'DELETE'],
      url: this.#path,
      exposeHeadRoute: false,
      handler: (request, reply) => this.#serve(request, reply),
    });
  }

  /** Ends what would not end by itself. Queries and mutations are left to be answered. */
  stop(): void {
    this.#isStopping = true;
    for (const stream of this.#endless) stream.end();
    for (const shared of this.#shared.values()) shared.drain();
  }

  async #serve(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (!isAllowedOrigin(request.headers, this.#origins) || isFromElsewhere(request)) {
      throw new RefusedRequest(403, 'FORBIDDEN', 'A page of another origin may not do this');
    }
    if (this.#isStopping) {
      throw new RefusedRequest(503, 'CLUSTER_UNAVAILABLE', 'This gateway is stopping; nothing was applied');
    }
    const token = tokenOf(request);
    if (request.method === 'PUT' && !this.#isAlone) {
      reply.header('allow', 'GET, POST');
      throw new RefusedRequest(405, 'METHOD_NOT_ALLOWED', noSharedStreams);
    }
    if (request.method === 'PUT') return this.#reserve(request.identity, reply);
    const wantsStream = request.headers.accept?.includes('text/event-stream') === true;
    if (token === null) {
      if (!wantsStream) throw new RefusedRequest(406, 'BAD_REQUEST', 'Accept text/event-stream');
      return this.#serveDistinct(request, reply);
    }
    const shared = this.#shared.get(token);
    // Nobody is told of the streams of others.
    if (shared?.subject !== request.identity.subject)
      throw new RefusedRequest(404, 'NOT_FOUND', 'There is no stream with this token');
    if (request.method === 'DELETE') return giveUp(shared, request, reply);
    shared.endWith(request.identity, this.#pipeline);
    return wantsStream ? this.#open(shared, reply) : this.#serveShared(shared, request, reply);
  }

  async #serveDistinct(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const gone = new AbortController();
    const asked = parseStreamRequest(request);
    const context = this.#contextOf(request, { transport: 'sse', signal: gone.signal });
    const resolved = this.#operations.resolve(asked, context);
    const refusal = 'document' in resolved ? null : findRefusal(resolved);
    if (refusal !== null) return this.#answer(refusal, context, reply);
    const giveBack = this.#connections.take(request.identity.subject);
    if (giveBack === null) return this.#answer(this.#connections.refusal(), context, reply);
    const stream = openStream(reply);
    stream.closed.addEventListener('abort', () => {
      this.#endless.delete(stream);
      giveBack();
      gone.abort();
    });
    if ('document' in resolved && isSubscription(resolved)) {
      this.#endless.add(stream);
      this.#pipeline.onExpiry(request.identity, stream.closed, () => stream.end());
    }
    await runOperation(resolved, {
      operations: this.#operations,
      subscriptions: this.#subscriptions,
      record: context.record,
      next: (result) => stream.send('next', result),
    });
    // Cut off by a stop, it is not complete: its client connects again.
    if (!stream.closed.aborted) await stream.send('complete', null);
    stream.end();
    return reply;
  }

  #reserve({ subject }: Identity, reply: FastifyReply): unknown {
    const reserved = [...this.#shared.values()].filter(({ isReserved }) => isReserved).length;
    if (reserved >= maxReservations) {
      throw new RefusedRequest(503, 'OVERLOADED', 'Too many streams are reserved and not open yet');
    }
    const giveBack = this.#connections.take(subject);
    if (giveBack === null) throw this.#connections.refusal();
    const token = randomUUID();
    const onOver = () => {
      this.#shared.delete(token);
      giveBack();
    };
    this.#shared.set(token, SharedStream.reserve(subject, onOver));
    return reply.code(201).type('text/plain; charset=utf-8').send(token);
  }

  #open(shared: SharedStream, reply: FastifyReply): unknown {
    if (!shared.isReserved) throw new RefusedRequest(409, 'BAD_REQUEST', 'The stream is open already');
    shared.open(openStream(reply));
    return reply;
  }

  async #serveShared(shared: SharedStream, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { operationId, ...asked } = parseStreamRequest(request);
    if (operationId === null) throw badRequest('extensions.operationId must be a text');
    const signal = shared.begin(operationId);
    const context = this.#contextOf(request, { transport: 'sse-single-connection', signal });
    const overload = shared.refusal();
    const resolved = overload === null ? this.#operations.resolve(asked, context) : [overload];
    const refusal = 'document' in resolved ? null : findRefusal(resolved);
    if (refusal !== null) {
      shared.giveUp(operationId);
      return this.#answer(refusal, context, reply);
    }
    if ('document' in resolved && isSubscription(resolved)) shared.markEndless(operationId);
    // Its results go to the stream, whatever becomes of this request.
    void runOperation(resolved, {
      operations: this.#operations,
      subscriptions: this.#subscriptions,
      record: context.record,
      next: (result) => shared.next(operationId, result),
    }).then(() => shared.complete(operationId));
    return reply.code(202).send();
  }

  #answer(refusal: OperationRefusal, { record }: GatewayContext, reply: FastifyReply): FastifyReply {
    const { status, headers } = refusal.head;
    const errors = this.#operations.formatErrors([refusal], { record, document: null, variables: null });
    return reply.code(status).headers(headers).send({ errors });
  }

  #contextOf({ id, method, headers, identity }: FastifyRequest, way: StreamWay): GatewayContext {
    return this.#pipeline.createContext({
      ...way,
      byGet: method === 'GET',
      requestId: id,
      traceContext: headers,
      identity,
      idempotencyKey: headerOf(headers['idempotency-key']),
    });
  }
}

type StreamWay = Pick<Origin, 'transport' | 'signal'>;

function giveUp(shared: SharedStream, { query }: FastifyRequest, reply: FastifyReply): unknown {
  const id = parameterOf(query, 'operationId');
  if (id === null) throw badRequest('operationId must be given');
  shared.giveUp(id);
  return reply.code(200).send();
}

/** From here on the response is ours; the headers that were set so far go with it. */
function openStream(reply: FastifyReply): EventStream {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  return EventStream.open(reply.raw);
}

function tokenOf({ headers, query }: FastifyRequest): string | null {
  return headerOf(headers[tokenHeader]) ?? parameterOf(query, 'token');
}

/** A link, a form or a picture of another site sends no origin with a GET, but browsers say where it comes from. */
function isFromElsewhere({ headers: { origin, 'sec-fetch-site': site } }: FastifyRequest): boolean {
  return origin === undefined && (site === 'cross-site' || site === 'same-site');
}
