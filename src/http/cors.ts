import fastifyCors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

/**
 * Lets pages of these origins use the API. No cookie is ever looked at, so there are no credentials that a browser would
 * add by itself: a page can only send the token that it has.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  void app.register(fastifyCors, {
    origin: [...origins],
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: [
      'accept',
      'authorization',
      'content-type',
      'idempotency-key',
      'x-request-id',
      'apollo-require-preflight',
      'x-apollo-operation-name',
      'apollographql-client-name',
      'apollographql-client-version',
      'x-graphql-event-stream-token',
    ],
    exposedHeaders: ['www-authenticate', 'retry-after', 'x-request-id'],
    // As long as Chromium remembers at most.
    maxAge: 7_200,
  });
}
