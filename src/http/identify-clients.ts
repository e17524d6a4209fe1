import type { FastifyInstance, FastifyRequest } from 'fastify';
import { IdentityUnavailableError, UnauthenticatedError } from '../access/errors.js';
import { nobody, type Credentials, type Identity, type Permission } from '../access/identity.js';
import { asError } from '../as-error.js';
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
  app.addHook('onRequest', (request, _reply, goOn) => {
    request.identity = nobody;
    if (!known.has(request.routeOptions.url)) return goOn();
    let identity: Identity | Promise<Identity>;
    try {
      identity = pipeline.identify(credentialsOf(request));
    } catch (error) {
      return goOn(asError(error));
    }
    // Nearly always known at once: then nobody is made to wait.
    if (!(identity instanceof Promise)) {
      request.identity = identity;
      return goOn();
    }
    const identified = async (): Promise<void> => {
      request.identity = await identity;
    };
    identified().then(() => goOn(), goOn);
  });
}

/**
 * Whether who sent a request has a permission, on paths that are open to everybody. Who is nobody has none, nor has
 * anybody while nobody can be told apart.
 */
export async function hasPermission(
  request: FastifyRequest,
  permission: Permission,
  pipeline: Pipeline,
): Promise<boolean> {
  try {
    return (await pipeline.identify(credentialsOf(request))).permissions.has(permission);
  } catch (error) {
    if (error instanceof UnauthenticatedError || error instanceof IdentityUnavailableError) return false;
    throw error;
  }
}

const credentialsOf = ({ headers, socket }: FastifyRequest): Credentials => ({
  authorization: headers.authorization ?? null,
  address: socket.remoteAddress ?? '',
});
