import type { FastifyInstance } from 'fastify';

/**
 * What every answer says to a browser, unless its route knows better: it is no page, not to be shown in a frame, not to be
 * taken for another type than it says, and not to be loaded into another site.
 */
const headers = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  // For browsers that do not know frame-ancestors.
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** To be called first: also what is refused at the door has them. */
export function setAnswerHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', ({ routeOptions }, reply, done) => {
    // What pages consist of has headers of its own.
    if (routeOptions.url?.startsWith('/pages/') !== true) void reply.headers(headers);
    done();
  });
}
