import type { FastifyInstance } from 'fastify';
import { nobody, type Identity } from '../access/identity.js';
import type { Pipeline } from './pipeline.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent it. On paths that are not asked about, nobody, who may do nothing. */
    identity: Identity;
  }
}

/** Finds out who sends each request to these paths, before its body is read. Who is nobody is answered 401. */
export function identifyClients(
  app: FastifyInstance,
  { paths, pipeline }: { readonly paths: readonly string[]; readonly pipeline: Pipeline },
): void {
  const known = new Set<string | undefined>(paths);
  app.decorateRequest('identity');
  app.addHook('onRequest', async (request) => {
    request.identity = nobody;
    if (!known.has(request.routeOptions.url)) return;
    const { headers, socket } = request;
    const credentials = { authorization: headers.authorization ?? null, address: socket.remoteAddress ?? '' };
    request.identity = await pipeline.identify(credentials);
  });
}
