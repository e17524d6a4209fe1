import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ForbiddenError } from '../access/errors.js';
import { isLoopbackAuthority } from '../access/loopback.js';

/*
 * A page from elsewhere may have its own name point to this machine (DNS rebinding). To the browser the gateway then is
 * of the page's origin, and the page may do all that its user may: where nobody needs a token, everything.
 */

/** Whether a request asks for this machine by a name that no page from elsewhere can have. */
export function isAskedForByOwnName({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return isLoopbackAuthority(headers.host ?? '');
}

/** Answers 403 to requests under any other name. */
export function refuseOtherNames(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (isAskedForByOwnName(request)) return done();
    done(
      new ForbiddenError(
        'This gateway serves this machine only, under names such as localhost and 127.0.0.1',
      ),
    );
  });
}
