import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLoopbackAddress, isLoopbackAuthority } from '../access/loopback.js';
import { isSameOrigin } from './origins.js';

/** What may be done to the process of a node. */
export const localActions = ['kill', 'freeze', 'thaw', 'restart'] as const;
export type LocalAction = (typeof localActions)[number];

export interface LocalNode {
  readonly name: string;
  readonly state: 'running' | 'frozen' | 'ended';
}

/**
 * The processes of the nodes, for a gateway that was started together with them. `act` resolves when the process is as it
 * was asked to be, or to a sentence that says why it cannot be.
 */
export interface LocalNodeControl {
  list(): Promise<readonly LocalNode[]>;
  act(name: string, action: LocalAction): Promise<'done' | { readonly refusal: string }>;
}

const path = '/local/nodes';
const actionPath = `${path}/:name/:action`;
/** As they are routed. */
export const localNodePaths = [path, actionPath];

interface ActionRoute {
  readonly Params: { readonly name: string; readonly action: string };
}

/**
 * `GET /local/nodes`, `POST /local/nodes/<name>/<action>`: for the console under `npm start`, which learns of them from a
 * header of its own page, `x-local-nodes`. Where the gateway runs no nodes this is never called, and there is nothing at
 * these URLs.
 *
 * Killing a node is for whoever sits at this machine: only loopback is answered, under a name of loopback (a page from
 * elsewhere may have its own name point here), and an action needs a header that other origins' pages cannot send.
 */
export function addLocalNodes(app: FastifyInstance, control: LocalNodeControl): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url === '/' && isLocal(request)) void reply.header('x-local-nodes', '1');
  });

  app.get(path, async (request, reply) => {
    if (!isLocal(request)) return refuse(reply, 403, 'Only this machine may ask');
    if (!maySteer(request)) return refuse(reply, 403, missingPermission);
    return answer(reply, control);
  });

  app.post<ActionRoute>(actionPath, async (request, reply) => {
    if (!isLocal(request) || !isOwnPage(request.headers)) {
      return refuse(reply, 403, 'Only the console of this machine may ask');
    }
    if (!maySteer(request)) return refuse(reply, 403, missingPermission);
    const action = localActions.find((known) => known === request.params.action);
    if (action === undefined) return refuse(reply, 404, `The actions are ${localActions.join(', ')}`);
    const outcome = await control.act(request.params.name, action);
    return outcome === 'done' ? answer(reply, control) : refuse(reply, 409, outcome.refusal);
  });
}

async function answer(reply: FastifyReply, control: LocalNodeControl): Promise<FastifyReply> {
  return reply.header('cache-control', 'no-store').send({ nodes: await control.list() });
}

const missingPermission = 'It needs the permission cluster:steer';

const maySteer = ({ identity }: FastifyRequest): boolean => identity.permissions.has('cluster:steer');

const refuse = (reply: FastifyReply, status: number, problem: string): FastifyReply =>
  reply.code(status).header('cache-control', 'no-store').send({ problem });

function isLocal({ socket, headers }: FastifyRequest): boolean {
  return isLoopbackAddress(socket.remoteAddress ?? '') && isLoopbackAuthority(headers.host ?? '');
}

/** Browsers ask before they send this header to another origin, and are not answered; forms cannot send it at all. */
function isOwnPage(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  return (
    headers['x-local-control'] === '1' &&
    isSameOrigin(headers) &&
    (site === undefined || site === 'same-origin')
  );
}
