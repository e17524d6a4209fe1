import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readConfiguration } from '../configuration.js';
import { type Gateway, createGateway } from '../gateway.js';
import type { TarantoolBinary } from '../local/tarantool-binary.js';
import { openLogFile } from '../log.js';
import { ReleaseStack } from '../release-stack.js';
import { GraphQLClient } from '../trial/graphql-client.js';
import { History } from '../trial/history.js';
import { PrivateCluster } from '../trial/private-cluster.js';
import { SeededRandom } from '../trial/random.js';
import type { Action } from './action.js';
import { type Accidents, findAccidents } from './accidents.js';
import { type Crew, startCrew } from './crew.js';
import { EmployeesApi } from '../trial/employees-api.js';
import { type Ending, settle } from './ending.js';
import { type InjectedFault, Injector } from './injector.js';
import { type PlannedFault, planFaults } from './schedule.js';
import type { FaultKind } from './schedule.js';

export interface ChaosOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly kinds: readonly [FaultKind, ...FaultKind[]];
  readonly tarantool: TarantoolBinary;
  /** For the nodes, their logs and the gateway's; kept. */
  readonly directory: string;
  /** Ends the faults early; the checks are made all the same. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** How a run stands. */
export interface Progress {
  readonly leftMs: number;
  readonly faults: readonly InjectedFault[];
  readonly operations: number;
  readonly acknowledgedAt: readonly number[];
  readonly leader: string | null;
  readonly term: number;
}

/** All that a run has seen, for the checks. */
export interface ChaosRun {
  readonly engine: string;
  readonly schedule: readonly PlannedFault[];
  readonly faults: readonly InjectedFault[];
  readonly history: History<Action>;
  readonly crew: Crew;
  readonly api: EmployeesApi;
  /** When the clients stopped. */
  readonly endedAt: number;
  readonly requestTimeoutMs: number;
  readonly ending: Ending;
  readonly counts: Gateway['counts'];
  readonly elections: number;
  /** Nodes that ended by themselves. */
  readonly deaths: readonly string[];
  readonly accidents: Accidents;
}

/** That of the shipped configuration. */
const replicationTimeoutMs = 250;
const progressEveryMs = 250;

/**
 * Starts nodes with a proxy on each link, a gateway and its clients, breaks what the schedule says, mends everything, and
 * collects what the nodes have in the end. Every wait in it is bounded.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosRun> {
  const { seed, durationMs, kinds, tarantool, directory, signal } = options;
  const releases = new ReleaseStack();
  try {
    const cluster = await PrivateCluster.start({ tarantool, directory, links: 'proxied' });
    releases.push(() => cluster.stop());
    // As shipped, whatever the environment of this command says.
    const configuration = await readConfiguration({
      PORT: '0',
      CLUSTER_CONFIG: cluster.gatewayDefinition.path,
    });
    const { settings } = configuration;
    const gateway = await createGateway(configuration, openLogFile(join(directory, 'gateway.log'), settings));
    releases.push(() => gateway.stop());
    const { url } = await gateway.start();
    const client = new GraphQLClient(url);
    releases.push(() => client.stop());
    const api = new EmployeesApi(client, settings.requestTimeoutMs);

    const history = new History<Action>(() => performance.now());
    const clientsEnd = new AbortController();
    const random = new SeededRandom(seed);
    const workshop = { api, history, random: () => random.next(), signal: clientsEnd.signal };
    const crew = await startCrew(workshop, client);
    const injector = new Injector(cluster, await cluster.waitForLeader());
    const schedule = planFaults({ seed, durationMs, kinds, replicationTimeoutMs });

    const endsAt = performance.now() + durationMs;
    const tellProgress = () => {
      const { leader, term } = gateway.observer.view;
      options.onProgress({
        leftMs: Math.max(0, endsAt - performance.now()),
        faults: injector.injected,
        operations: history.operations.length,
        acknowledgedAt: api.acknowledgedAt,
        leader,
        term,
      });
    };
    const progress = setInterval(tellProgress, progressEveryMs);
    releases.push(() => clearInterval(progress));
    await breakThings(injector, schedule, { endsAt, signal });

    cluster.links.healAll();
    for (const name of cluster.running) cluster.thaw(name);
    await cluster.restart(...cluster.names);
    const healedAt = performance.now();
    await crew.waitForProgress();
    clientsEnd.abort();
    await crew.finished;
    const endedAt = performance.now();
    clearInterval(progress);
    const ending = await settle({
      cluster,
      api,
      client,
      history,
      healedAt,
      requestTimeoutMs: settings.requestTimeoutMs,
    });
    await crew.stopListening(ending.kind === 'settled' ? ending.seen.leader : null);
    return {
      engine: `Tarantool ${tarantool.version}`,
      schedule,
      faults: injector.injected,
      history,
      crew,
      api,
      endedAt,
      requestTimeoutMs: settings.requestTimeoutMs,
      ending,
      counts: gateway.counts,
      deaths: cluster.deaths,
      accidents: await findAccidents(directory, cluster.names),
      elections: gateway.observer.history.filter(({ kind }) => kind === 'ELECTED').length,
    };
  } finally {
    await releases.releaseAll();
  }
}

async function breakThings(
  injector: Injector,
  schedule: readonly PlannedFault[],
  { endsAt, signal }: { endsAt: number; signal: AbortSignal },
): Promise<void> {
  const startedAt = performance.now();
  const waitUntil = async (moment: number) => {
    const leftMs = moment - performance.now();
    if (leftMs > 0) await delay(leftMs, undefined, { signal }).catch(() => undefined);
  };
  for (const fault of schedule) {
    await waitUntil(startedAt + fault.at);
    // A fault may take longer than planned, such as a node that is slow to stop: the run ends in time all the same.
    if (signal.aborted || performance.now() >= endsAt) return;
    await injector.inject(fault, signal);
  }
  await waitUntil(endsAt);
}
