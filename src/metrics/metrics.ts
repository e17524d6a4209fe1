import { AggregatorRegistry, Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Clock } from '../clock.js';
import type { OperationObserver } from '../http/operation-record.js';
import type { OpenReplicaSet } from '../replicaset/open-replica-set.js';
import type { ReplicaSetObserver } from '../replicaset/replica-set.js';
import { observeCalls } from './call-metrics.js';
import { prefix } from './conventions.js';
import { observeOperations } from './operation-metrics.js';

/** Where figures come from. But for the times of calls they are looked up when somebody asks. */
export type MetricsSource = ReplicaSetObserver & Pick<OpenReplicaSet, 'counts' | 'onCall'>;

/** The figures of one gateway, in the text format of Prometheus. */
export interface Metrics {
  readonly contentType: string;
  /** Counts the operations that it is told of. */
  readonly operations: OperationObserver;
  text(): Promise<string>;
  /** Has the primary process ask for them, in a worker: see `gatherMetrics`. */
  offerToPrimary(): void;
  /** Counts no further. */
  stop(): void;
}

export function createMetrics(source: MetricsSource, clock: Clock): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const stopLeadership = addLeadership(registry, source, clock);
  const stopCalls = observeCalls(registry, source);
  addNodes(registry, source);
  addRequests(registry, source);
  return {
    contentType: registry.contentType,
    operations: observeOperations(registry),
    text: () => registry.metrics(),
    offerToPrimary() {
      AggregatorRegistry.setRegistries(registry);
      listenToPrimary();
    },
    stop() {
      stopLeadership();
      stopCalls();
    },
  };
}

/** A registry of this kind hears the primary as soon as there is one. */
const listenToPrimary = (): AggregatorRegistry<typeof Registry.PROMETHEUS_CONTENT_TYPE> =>
  new AggregatorRegistry();

/**
 * The figures of all workers as one, in the primary process. What each of them sees of the same nodes is not added up: of
 * what is well the worst view is told, of what only grows the longest.
 */
export function gatherMetrics(): Pick<Metrics, 'contentType' | 'text' | 'stop'> {
  const registry = listenToPrimary();
  return { contentType: registry.contentType, text: () => registry.clusterMetrics(), stop() {} };
}

function addLeadership(registry: Registry, source: MetricsSource, clock: Clock): () => void {
  let totalMs = 0;
  let sinceMs = source.view.leader === null ? clock.now() : null;
  const leaderlessMs = () => totalMs + (sinceMs === null ? 0 : clock.now() - sinceMs);
  const changes = new Counter({
    name: `${prefix}leadership_changes_total`,
    help: 'Leaders that were lost and elected, as this gateway saw it.',
    labelNames: ['kind'],
    aggregator: 'max',
    registers: [],
  });
  registry.registerMetric(changes);
  for (const kind of ['lost', 'elected']) changes.inc({ kind }, 0);
  const stop = source.onLeadership(
    ({ kind }) => {
      changes.inc({ kind: kind.toLowerCase() });
      totalMs = leaderlessMs();
      sinceMs = kind === 'LOST' ? clock.now() : null;
    },
    { isPatient: true },
  );
  registry.registerMetric(
    new Counter({
      name: `${prefix}leaderless_seconds_total`,
      help: 'How long nobody led, the time until now included.',
      aggregator: 'max',
      registers: [],
      collect() {
        this.reset();
        this.inc(leaderlessMs() / 1000);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: `${prefix}term`,
      help: 'The highest term that a leader or a majority has confirmed.',
      aggregator: 'max',
      registers: [],
      collect() {
        this.set(source.view.term);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: `${prefix}node_leads`,
      help: 'Whether a node is the writable leader: 1 for one of them at most.',
      labelNames: ['node'],
      aggregator: 'max',
      registers: [],
      collect() {
        this.reset();
        for (const { name } of source.view.nodes)
          this.set({ node: name }, Number(name === source.view.leader));
      },
    }),
  );
  return stop;
}

function addNodes(registry: Registry, source: MetricsSource): void {
  registry.registerMetric(
    new Gauge({
      name: `${prefix}node_reachable`,
      help: 'Whether a node answers this gateway.',
      labelNames: ['node'],
      aggregator: 'min',
      registers: [],
      collect() {
        this.reset();
        for (const { name, reach } of source.view.nodes)
          this.set({ node: name }, Number(reach === 'reachable'));
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: `${prefix}replication_follows`,
      help: 'Whether a node takes the rows of a peer, by its own word; of nodes that answer.',
      labelNames: ['node', 'peer'],
      aggregator: 'min',
      registers: [],
      collect() {
        this.reset();
        for (const { node, peer, upstream } of links(source))
          this.set({ node, peer }, Number(upstream?.status === 'follow'));
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: `${prefix}replication_lag_seconds`,
      help: 'How old the last row was that a node took from a peer; of nodes that answer.',
      labelNames: ['node', 'peer'],
      aggregator: 'max',
      registers: [],
      collect() {
        this.reset();
        for (const { node, peer, upstream } of links(source)) {
          const lag = upstream?.lagSeconds;
          if (typeof lag === 'number') this.set({ node, peer }, lag);
        }
      },
    }),
  );
}

/** Who takes rows from whom, as far as it is known now. */
function links({ view }: MetricsSource) {
  return view.nodes.flatMap(({ name, reach, status }) =>
    reach === 'reachable' && status !== null
      ? status.replication.map(({ peer, upstream }) => ({ node: name, peer, upstream }))
      : [],
  );
}

function addRequests(registry: Registry, source: MetricsSource): void {
  registry.registerMetric(
    new Counter({
      name: `${prefix}requests_total`,
      help: 'Requests to the replica set, by how they ended.',
      labelNames: ['ending'],
      registers: [],
      collect() {
        const { completed, expired, cancelled, failed, refused } = source.counts.requests;
        this.reset();
        for (const [ending, count] of Object.entries({ completed, expired, cancelled, failed, refused }))
          this.inc({ ending }, count);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: `${prefix}requests_under_way`,
      help: 'Requests to the replica set that have not ended yet, those that wait included.',
      registers: [],
      collect() {
        this.set(source.counts.requests.underWay);
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: `${prefix}buffered_requests_total`,
      help: 'Requests that had to wait for a node, by how the wait ended; refused ones found no place.',
      labelNames: ['outcome'],
      registers: [],
      collect() {
        const { drained, expired, cancelled, aborted, refused } = source.counts.buffer;
        this.reset();
        for (const [outcome, count] of Object.entries({ drained, expired, cancelled, aborted, refused }))
          this.inc({ outcome }, count);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: `${prefix}waiting_requests`,
      help: 'Requests that wait for a node now.',
      registers: [],
      collect() {
        this.set(source.counts.buffer.waiting);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: `${prefix}waiting_bytes`,
      help: 'What the arguments of those hold.',
      registers: [],
      collect() {
        this.set(source.counts.buffer.waitingBytes);
      },
    }),
  );
}
