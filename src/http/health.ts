import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.js';
import type { ReplicaSetObserver } from '../replicaset/replica-set.js';

/** Every path below, for those who check what is told to orchestrators. */
export const healthPaths = ['/livez', '/startupz', '/readyz', '/readyz/accepting'] as const;

export interface HealthOptions {
  readonly observer: ReplicaSetObserver;
  readonly clock: Clock;
  readonly isStopping: () => boolean;
  /** For how long a request waits for a leader. */
  readonly patienceMs: number;
  /** Whether somebody may be told more than the status. */
  readonly seesCluster: (request: FastifyRequest) => Promise<boolean>;
}

/**
 * What orchestrators, balancers and people ask of one gateway. All from memory: no probe waits for a node.
 *
 * | path | 200 when |
 * | --- | --- |
 * | `/livez` | the process answers: whoever restarts it otherwise does right |
 * | `/startupz` | it has found out of each node whether it answers, which takes a second at most |
 * | `/readyz` | a leader is writable, so that a request is served at once |
 * | `/readyz/accepting` | requests are to be sent here: it is not stopping, and a leader is there or may come in time |
 *
 * Who leads, and in which term, is told to those who may read the cluster.
 *
 * The last is for balancers. While nobody leads, no gateway is ready; a balancer that went by that would refuse what every
 * gateway would have kept until the next leader.
 */
export function addHealthRoutes(app: FastifyInstance, options: HealthOptions): void {
  const { observer, clock, isStopping, patienceMs, seesCluster } = options;
  const openedAt = clock.date().getTime();

  /** Since when nobody leads, or since this gateway looks for a leader. */
  function leaderlessForMs(): number {
    const lost = observer.history.at(-1);
    return clock.date().getTime() - (lost?.kind === 'LOST' ? lost.at.getTime() : openedAt);
  }

  app.get('/livez', async () => ({ status: 'alive' }));

  app.get('/startupz', async (_request, reply) => {
    const waitsFor = observer.view.nodes.filter(({ reach }) => reach === 'unknown').length;
    return waitsFor === 0 ? { status: 'started' } : reply.code(503).send({ status: 'starting' });
  });

  app.get('/readyz', async (request, reply) => {
    const { leader, term, state } = observer.view;
    if (isStopping()) return reply.code(503).send({ status: 'stopping' });
    const isTold = await seesCluster(request);
    if (leader !== null) return { status: 'ready', ...(isTold && { leader, term }) };
    return reply.code(503).send({ status: state, ...(isTold && { term }) });
  });

  app.get('/readyz/accepting', async (_request, reply) => {
    if (isStopping()) return reply.code(503).send({ status: 'stopping' });
    if (observer.view.leader !== null || leaderlessForMs() < patienceMs) return { status: 'accepting' };
    return reply.code(503).send({ status: observer.view.state });
  });
}
