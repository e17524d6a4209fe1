import type { Socket } from 'node:net';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import {
  ForbiddenError,
  IdentityUnavailableError,
  InvalidTokenError,
  UnauthenticatedError,
} from '../access/errors.js';
import { errorCodes, type ErrorCode } from './error-codes.js';
import { formatError } from './format-error.js';
import { OperationRefusal } from './operation-refusal.js';
import { requestIdOf } from './request-headers.js';
import { RefusedRequest } from './stream-request.js';

export interface AppOptions {
  readonly logger: Logger;
  /** By path, what is served there: told to who tries another. */
  readonly methods: ReadonlyMap<string, string>;
  readonly maxBodyBytes: number;
  readonly isStopping: () => boolean;
  /** Told of every request that is refused here, but for what is nowhere and for defects. */
  readonly onRefusal: (code: ErrorCode) => void;
}

// Long enough for 100 kB over a bad line; a client that sends its request byte by byte is not waited for.
const receiveTimeoutMs = 30_000;

/** No route has a schema of its own. What would compile them is a fifth of the modules that a start loads. */
const noCompilers = {
  buildValidator: () => () => {
    throw new Error('No route is to have a schema');
  },
  buildSerializer: () => () => {
    throw new Error('No route is to have a schema');
  },
};

/** What all routes share: ids of requests, and errors in GraphQL's shape whatever goes wrong. */
export function createApp(options: AppOptions): FastifyInstance {
  const { logger, methods, maxBodyBytes, isStopping, onRefusal } = options;
  const app = Fastify({
    // A line per request would be most of the log and say little; what is worth a line is logged below.
    logger: false,
    schemaController: { compilersFactory: noCompilers },
    bodyLimit: maxBodyBytes,
    requestTimeout: receiveTimeoutMs,
    requestIdHeader: false,
    genReqId: ({ headers }) => requestIdOf(headers),
    // What still comes over a connection that stands is served: nobody need send it again.
    return503OnClosing: false,
  });
  // What is not JSON is answered 415, rather than handed on as a text.
  app.removeContentTypeParser('text/plain');

  // Hooks of every request call back: a promise for each takes longer than what they do.
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  // A connection that is kept alive would hold up the stop until its client is tired of it.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isStopping()) void reply.header('connection', 'close');
    done();
  });

  function refuse(reply: FastifyReply, status: number, code: ErrorCode, message: string): FastifyReply {
    onRefusal(code);
    return reply.code(status).send(errorBody(code, message));
  }

  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof UnauthenticatedError) {
      void reply.header('www-authenticate', challengeOf(error));
      return refuse(reply, 401, 'UNAUTHENTICATED', error.message);
    }
    if (error instanceof IdentityUnavailableError) {
      void reply.header('retry-after', '1');
      return refuse(reply, 503, 'IDENTITY_UNAVAILABLE', error.message);
    }
    if (error instanceof RefusedRequest) return refuse(reply, error.status, error.code, error.message);
    if (error instanceof OperationRefusal) {
      const { status, headers } = error.head;
      onRefusal(error.code);
      return reply
        .code(status)
        .headers(headers)
        .send({ errors: [formatError(error.toJSON(), error)] });
    }
    if (error instanceof ForbiddenError) return refuse(reply, 403, 'FORBIDDEN', error.message);
    const status = error.statusCode ?? 500;
    const code = codes.get(status) ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR');
    if (code !== 'INTERNAL_SERVER_ERROR') return refuse(reply, status, code, error.message);
    logger.error({ err: error, requestId: request.id }, 'A request failed for a reason of our own');
    return reply.code(500).send(errorBody(code, 'Internal server error', { requestId: request.id }));
  });

  app.setNotFoundHandler((request, reply) => {
    const allowed = methods.get(request.url.split('?', 1)[0] ?? '');
    if (allowed === undefined)
      return reply.code(404).send(errorBody('NOT_FOUND', 'There is nothing at this URL'));
    const message = `${request.method} is not served here: send ${allowed}`;
    return reply.code(405).header('allow', allowed).send(errorBody('METHOD_NOT_ALLOWED', message));
  });

  closeSilentConnections(app);
  return app;
}

const codes: ReadonlyMap<number, ErrorCode> = new Map([
  [404, 'NOT_FOUND'],
  [405, 'METHOD_NOT_ALLOWED'],
  [413, 'PAYLOAD_TOO_LARGE'],
  [415, 'UNSUPPORTED_MEDIA_TYPE'],
]);

function errorBody(code: ErrorCode, message: string, details: object = {}): object {
  const extensions = { code, ...(errorCodes[code].retryable && { retryable: true }), ...details };
  return { errors: [{ message, extensions }] };
}

/** RFC 6750, 3: whoever sent no token is not told that it was wrong. Our messages are ASCII without quotation marks. */
function challengeOf(error: UnauthenticatedError): string {
  return error instanceof InvalidTokenError
    ? `Bearer error="invalid_token", error_description="${error.message}"`
    : 'Bearer';
}

/**
 * Browsers connect ahead of need. Node closes a connection when it stops if a request has gone over it before, but
 * waits for one that has not carried a byte yet.
 */
function closeSilentConnections(app: FastifyInstance): void {
  const connections = new Set<Socket>();
  app.server.on('connection', (connection: Socket) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  app.addHook('preClose', async () => {
    for (const connection of connections) if (connection.bytesRead === 0) connection.destroy();
  });
}
