import { execute, GraphQLError, subscribe, type ExecutionArgs } from 'graphql';
import { CloseCode, makeServer, type ConnectionInitMessage, type Server } from 'graphql-ws';
import { IdentityUnavailableError, UnauthenticatedError } from '../access/errors.js';
import type { Identity } from '../access/identity.js';
import { StoppingError } from '../replicaset/errors.js';
import type { ErrorCode } from './error-codes.js';
import type { ConnectionLimiter } from './limits/connection-limiter.js';
import type { OperationSignals } from './operation-signals.js';
import type { OperationRecord, TraceContext } from './operation-record.js';
import type { Operations, PreparedOperation } from './operations.js';
import type { Pipeline } from './pipeline.js';
import { executePrepared, isSubscription } from './run-operation.js';
import type { Subscriptions } from './subscriptions.js';
import type { Transport } from './transport.js';

/** By the id that graphql-ws knows the operation by. */
export type SendResult = (id: string, result: string) => Promise<void>;

/** What is known of a socket beside its operations. */
export interface SocketOrigin {
  readonly socketId: string;
  readonly transport: Transport;
  readonly signals: OperationSignals;
  /** The header `Authorization` of the request that opened it. */
  readonly authorization: string | null;
  readonly address: string;
  /** The headers of that request. */
  readonly traceContext: TraceContext;
  /** Aborted when it is closed, by either side. */
  readonly closed: AbortSignal;
  readonly close: (code: number, reason: string) => void;
  /** Sends one result of an operation, which is JSON; resolves when the next one may be sent. */
  readonly sendResult: SendResult;
  /** Who is at the other end, from the first message on. */
  identity: Identity;
}

/** Why a socket is closed as soon as its client has said who it is. */
export class RefusedConnection extends Error {
  override readonly name = 'RefusedConnection';
  readonly code: ErrorCode;
  readonly closeCode: number;

  constructor(code: ErrorCode, closeCode: number, reason: string) {
    super(reason);
    this.code = code;
    this.closeCode = closeCode;
  }
}

// As registered for WebSockets: the server cannot serve now, and will later.
const tryAgainLater = 1013;

/** How long a client may take to begin, once it is connected. */
export const initTimeoutMs = 3_000;
/** Of one socket or event stream. Each subscription holds a listener: a console needs a handful of them, not thousands. */
export const maxOperations = 100;

export interface SocketProtocolOptions {
  readonly operations: Operations;
  readonly subscriptions: Subscriptions;
  readonly pipeline: Pipeline;
  readonly connections: ConnectionLimiter;
}

/** A prepared operation, and how its results get to its client. */
type SocketOperation = PreparedOperation & { readonly send: (result: string) => Promise<void> };

/**
 * The sub-protocol `graphql-transport-ws`, run by graphql-ws and tied to the pipeline: queries, mutations and
 * subscriptions meet the same rules and the same errors as over HTTP.
 */
export function createSocketProtocol(options: SocketProtocolOptions): Server<SocketOrigin> {
  const { operations, subscriptions, pipeline, connections } = options;
  /** By what the client sent, which the library hands on each time. */
  const records = new WeakMap<object, OperationRecord>();
  const recordOf = (payload: object): OperationRecord => {
    const record = records.get(payload);
    if (record === undefined) throw new Error('An operation that was not subscribed to');
    return record;
  };

  return makeServer<ConnectionInitMessage['payload'], SocketOrigin>({
    connectionInitWaitTimeout: initTimeoutMs,
    execute: (args: ExecutionArgs | SocketOperation) =>
      'plan' in args ? executePrepared(args) : execute(args),
    async subscribe(args: ExecutionArgs | SocketOperation) {
      if (!('plan' in args)) return subscribe(args);
      const results = await subscriptions.open(args);
      return Symbol.asyncIterator in results ? sendEach(results, args.send) : results;
    },
    async onConnect({ connectionParams, extra }) {
      const { authorization, address, closed } = extra;
      const given = authorizationIn(connectionParams) ?? authorization;
      try {
        extra.identity = await pipeline.identify({ authorization: given, address });
      } catch (error) {
        throw refusalOf(error);
      }
      const giveBack = connections.take(extra.identity.subject);
      if (giveBack === null) throw new RefusedConnection('RATE_LIMITED', tryAgainLater, connections.words);
      if (closed.aborted) giveBack();
      else closed.addEventListener('abort', giveBack, { once: true });
      pipeline.onExpiry(extra.identity, closed, () => extra.close(CloseCode.Forbidden, tokenExpired));
      return true;
    },
    onSubscribe({ subscriptions: running, extra }, id, request) {
      const { isDraining } = extra.signals;
      const signal = extra.signals.open(id);
      const context = pipeline.createContext({
        transport: extra.transport,
        byGet: false,
        requestId: `${extra.socketId}:${id}`,
        traceContext: extra.traceContext,
        idempotencyKey: null,
        signal,
        identity: extra.identity,
      });
      records.set(request, context.record);
      extra.signals.keep(id, context.record);
      // The new one is among them by now.
      if (Object.keys(running).length > maxOperations) return [tooMany()];
      if (isDraining) return [stopping()];
      const resolved = operations.resolve(request, context);
      if ('document' in resolved && isSubscription(resolved)) extra.signals.markEndless(id);
      if (!('document' in resolved)) return resolved;
      return { ...resolved, send: (result) => extra.sendResult(id, result) } satisfies SocketOperation;
    },
    onNext(_context, _id, request, { document }, result) {
      const { variables } = request;
      return operations.formatResult(result, { record: recordOf(request), document, variables });
    },
    onComplete({ extra }, id) {
      extra.signals.end(id);
    },
    // Also what a source of events throws comes here, and nobody has seen that yet.
    onError({ extra }, id, request, errors) {
      const failed = { record: recordOf(request), document: null, variables: request.variables };
      const formatted = operations.formatErrors(errors, failed);
      extra.signals.end(id);
      return formatted;
    },
  });
}

/**
 * Sends the results when the first of them is asked for, and yields none: the library would make each of them into a
 * message anew, for every listener.
 */
function sendEach(
  results: AsyncGenerator<string, undefined, undefined>,
  send: (result: string) => Promise<void>,
): AsyncGenerator<never, undefined, undefined> {
  const end = { done: true, value: undefined } as const;
  const generator: AsyncGenerator<never, undefined, undefined> = {
    async next() {
      for await (const result of results) await send(result);
      return end;
    },
    async return() {
      await results.return(undefined);
      return end;
    },
    async throw(error) {
      await results.return(undefined);
      throw error;
    },
    [Symbol.asyncIterator]: () => generator,
  };
  return generator;
}

const tokenExpired = 'The token has expired';

function refusalOf(error: unknown): unknown {
  if (error instanceof UnauthenticatedError)
    return new RefusedConnection('UNAUTHENTICATED', CloseCode.Forbidden, error.message);
  if (error instanceof IdentityUnavailableError)
    return new RefusedConnection('IDENTITY_UNAVAILABLE', tryAgainLater, error.message);
  return error;
}

function tooMany(): GraphQLError {
  const message = `A socket may run ${maxOperations} operations at once`;
  const extensions = { code: 'OVERLOADED', limit: 'operations', max: maxOperations };
  return new GraphQLError(message, { extensions });
}

const stopping = (): GraphQLError =>
  new GraphQLError('Stopping', { originalError: new StoppingError('The gateway is stopping') });

/** Clients that cannot set headers, as browsers, send the token with their first message. */
function authorizationIn(parameters: Readonly<Record<string, unknown>> | undefined): string | null {
  const { Authorization: capital, authorization = capital, headers } = parameters ?? {};
  if (typeof authorization === 'string') return authorization;
  // As some clients nest them.
  return typeof headers === 'object' && headers !== null
    ? authorizationIn({ ...headers, headers: null })
    : null;
}
