import type { Logger } from 'pino';
import { allowEverybody } from './access/identity.js';
import { openAuthenticator } from './access/open-authenticator.js';
import { systemClock } from './clock.js';
import { ConfigFollower } from './config-follower.js';
import type { Configuration } from './configuration.js';
import type { Address } from './cluster-config/address.js';
import { checkEntrance, entranceOf, exposureOf, maxConnectionsOf, rateLimitOf } from './entrance.js';
import type { LocalNodeControl } from './http/local-nodes.js';
import { logOperations } from './http/operation-log.js';
import { createHttpServer } from './http/server.js';
import type { Siblings } from './http/siblings.js';
import type { createMetrics, Metrics } from './metrics/metrics.js';
import { OperatorError } from './operator-error.js';
import { ReleaseStack } from './release-stack.js';
import { openReplicaSet, type OpenReplicaSet } from './replicaset/open-replica-set.js';
import type { ReplicaSetObserver } from './replicaset/replica-set.js';
import { watchSchema } from './schema-watch.js';
import { tracesUrlOf } from './traces-settings.js';
import type { Tracing, TracingOptions } from './tracing/open-tracing.js';

/** The whole gateway: a replica set below, a server above. */
export interface Gateway {
  readonly observer: ReplicaSetObserver;
  /** How requests to the replica set ended so far. */
  readonly counts: OpenReplicaSet['counts'];
  /** Looks at the cluster configuration now; it is looked at every second, too. Never rejects. */
  readConfigAgain(): Promise<void>;
  /** Resolves when requests are accepted; they wait for a leader. Rejects with OperatorError, all released again. */
  start(): Promise<{ readonly url: string }>;
  /** Ends the requests under way, then the connections to the nodes. The same promise on every call. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  /** The processes of the nodes, when they were started together with this gateway; null when it found them running. */
  readonly localNodes?: LocalNodeControl | null;
  /** Other processes of the same gateway; null when this is the only one. */
  readonly siblings?: Siblings | null;
}

/** Puts the gateway together. Listens to nobody and connects to no node before `start`. Rejects with OperatorError. */
export async function createGateway(
  configuration: Configuration,
  logger: Logger,
  { localNodes = null, siblings = null }: GatewayOptions = {},
): Promise<Gateway> {
  const { settings, cluster, login } = configuration;
  const entranceWarnings = checkEntrance(configuration);
  const { host, port, requestTimeoutMs, pollIntervalMs, maxWaitingRequests, maxWaitingBytes } = settings;
  const { stopDelayMs, stopTimeoutMs, metricsAddress } = settings;
  const tracesUrl = tracesUrlOf(settings);
  const { maxDepth, maxCost } = settings;
  const isLocal = entranceOf(settings) === 'local';
  const clock = systemClock;
  const processes = siblings?.processes ?? 1;
  const authenticator = await openAuthenticator(settings, { clock, log: logger });
  const replicaSet = openReplicaSet({
    nodes: cluster.nodes,
    ...login,
    clock,
    log: logger,
    pollIntervalMs,
    // Connections, and with them requests, are spread over the processes.
    maxWaitingRequests: Math.ceil(maxWaitingRequests / processes),
    maxWaitingBytes: Math.ceil(maxWaitingBytes / processes),
  });
  const metrics = metricsAddress === null ? null : await openMetrics(replicaSet, clock);
  const tracing =
    tracesUrl === null ? null : await loadTracing({ url: tracesUrl, logger, source: replicaSet });
  const operationLog = logOperations({ logger, clock, slowMs: settings.slowOperationMs });
  const server = createHttpServer({
    replicaSet,
    clock,
    logger,
    localNodes,
    siblings,
    authenticator: authenticator ?? allowEverybody,
    observers: [metrics?.operations, tracing?.operations, operationLog].filter((each) => each !== undefined),
    settings: {
      host,
      port,
      requestTimeoutMs,
      stopDelayMs,
      stopTimeoutMs,
      limits: { depth: maxDepth, cost: maxCost },
      rateLimit: rateLimitOf(settings),
      maxConnectionsPerSubject: maxConnectionsOf(settings),
      trustedManifest: configuration.trustedManifest,
      hostNames: isLocal ? 'loopback' : 'any',
      ...exposureOf(settings),
      corsOrigins: settings.corsOrigins,
    },
  });
  const releases = new ReleaseStack();
  const follower = new ConfigFollower({
    cluster,
    login,
    settings,
    log: logger,
    onNodes: ({ nodes }) => replicaSet.changeMembers(nodes),
  });

  async function startMetrics(figures: Metrics, address: Address): Promise<void> {
    const { MetricsServer } = await import('./metrics/metrics-server.js');
    const metricsServer = new MetricsServer(figures, address);
    releases.push(() => metricsServer.stop());
    const { url } = await metricsServer.start();
    logger.info({ url }, `Metrics at ${url}`);
  }

  return {
    observer: replicaSet,
    get counts() {
      return replicaSet.counts;
    },
    readConfigAgain: () => follower.look(),
    start: async () => {
      for (const warning of entranceWarnings) logger.warn(warning);
      if (tracing !== null) releases.push(() => tracing.stop());
      releases.push(() => replicaSet.stop());
      releases.push(watchSchema(replicaSet, logger));
      replicaSet.start();
      releases.push(() => follower.stop());
      follower.start();
      releases.push(() => server.stop());
      try {
        // Of several processes the primary serves the figures of all.
        if (siblings !== null) metrics?.offerToPrimary();
        else if (metrics !== null && metricsAddress !== null) await startMetrics(metrics, metricsAddress);
        return await server.start();
      } catch (error) {
        await releases.releaseAll();
        throw error;
      }
    },
    stop: () => releases.releaseAll(),
  };
}

/** Costs neither time nor memory where nobody asks for traces. */
async function loadTracing(options: TracingOptions): Promise<Tracing> {
  try {
    const { openTracing } = await import('./tracing/open-tracing.js');
    return openTracing(options);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError(
      'Traces are asked for and cannot be made',
      [`${reason}: install the optional dependencies, or unset OTEL_EXPORTER_OTLP_ENDPOINT`],
      { cause },
    );
  }
}

/** Loaded only where somebody asks for figures: the library for them is a tenth of what a start reads. */
async function openMetrics(...args: Parameters<typeof createMetrics>): Promise<Metrics> {
  const { createMetrics: create } = await import('./metrics/metrics.js');
  return create(...args);
}
