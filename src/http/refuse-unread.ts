import type { FastifyInstance } from 'fastify';
import { rateLimited, type RateLimiter } from './limits/rate-limiter.js';

/**
 * Refuses what is posted to these paths by somebody who may send no more now, before its body is read: to read and parse it
 * is most of the work that a refusal would make. To be called after `identifyClients`.
 */
export function refuseUnread(
  app: FastifyInstance,
  { paths, rateLimiter }: { readonly paths: readonly string[]; readonly rateLimiter: RateLimiter },
): void {
  const limited = new Set<string | undefined>(paths);
  app.addHook('onRequest', ({ method, routeOptions, identity }, _reply, goOn) => {
    if (method !== 'POST' || !limited.has(routeOptions.url)) return goOn();
    const waitMs = rateLimiter.waitMsOf(identity.subject);
    return waitMs > 0 ? goOn(rateLimited(waitMs)) : goOn();
  });
}
