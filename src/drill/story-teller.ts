import type { Gateway } from '../gateway.js';
import type { ReplicaSetView } from '../replicaset/view.js';
import { EmployeesApi } from '../trial/employees-api.js';
import type { GraphQLClient } from '../trial/graphql-client.js';
import type { Strike } from './arguments.js';
import { DrillRows } from './drill-rows.js';
import type { DrilledCluster, Victim } from './drilled-cluster.js';
import { Load } from './load.js';
import { leaderToKill, pass, until, waitUntilReady, waitUntilStruck, waitUntilWritesFlow } from './stage.js';
import type { SameData, Story } from './story.js';
import { type Verdict, judge } from './verdict.js';
import { Watch, isCutOff, isWhole } from './watch.js';

/** Where a story takes place. */
export interface Scene {
  readonly cluster: DrilledCluster;
  readonly gateway: Gateway;
  readonly client: GraphQLClient;
  readonly strike: Strike;
  /** For how long to write before the kill, and after it. */
  readonly writingMs: number;
  /** What the names of this story's employees begin with, and no others. */
  readonly prefix: string;
  readonly signal: AbortSignal;
  /** Hears what is being waited for. */
  readonly onPhase: (phase: string) => void;
  /** Hears who has been struck, for an ending in a hurry, and null when that is undone. */
  readonly onStruck: (victim: Victim | null) => void;
}

/** Twice what a request may take by default: whatever comes later is no failover. */
const electionLimitMs = 20_000;
const dataLimitMs = 5_000;
/** Five times the silence after which nodes with the shipped timeouts give up another. */
const cutOffLimitMs = 5_000;
/** A node that is started again reads its data, joins the others and catches up. */
const wholeLimitMs = 30_000;
/** For a person to find the command and give it. */
const byHandLimitMs = 60_000;
/** Writes that must be acknowledged before the kill, and for the pause to be over. */
const enoughWrites = 20;

/** Tells one story: who is killed, and what clients see of it. */
export class StoryTeller {
  readonly #scene: Scene;
  readonly #watch: Watch;
  readonly #rows: DrillRows;
  readonly #loadApi: EmployeesApi;
  /** What did not come about in time. */
  readonly #problems: string[] = [];

  /** Listens from now on; `tell` ends that. */
  constructor(scene: Scene) {
    const { client, cluster, prefix } = scene;
    const { requestTimeoutMs } = cluster.configuration.settings;
    this.#scene = scene;
    this.#watch = new Watch(client);
    this.#loadApi = new EmployeesApi(client, requestTimeoutMs);
    // Apart from the load, whose answers are counted.
    this.#rows = new DrillRows(new EmployeesApi(client, requestTimeoutMs), prefix);
  }

  /**
   * Has clients write and read, kills the leader, waits for the next, has the victim started again, waits until all is
   * whole, and collects what was seen. Rejects with OperatorError when nothing could be killed, and at the signal;
   * whatever was broken is mended by then, and what was written is removed from a cluster that is to stay.
   */
  async tell(): Promise<Story> {
    const { cluster, onPhase } = this.#scene;
    let load: Load | null = null;
    let left: number | null = 0;
    let story: Omit<Story, 'left'>;
    try {
      const victim = await this.#findVictim();
      load = new Load(this.#loadApi, this.#scene.prefix);
      story = await this.#play(victim, load);
    } finally {
      await load?.stop();
      await this.#watch.stop();
      if (cluster.kind === 'running' && load !== null) {
        onPhase('Removing the employees of the drill');
        left = await this.#rows.remove();
      }
    }
    return { ...story, left };
  }

  /** Before anything is written: most refusals come from here. */
  async #findVictim(): Promise<Victim> {
    const { cluster, gateway, signal, onPhase } = this.#scene;
    onPhase('Waiting until every node follows');
    await waitUntilReady(this.#watch, signal);
    return cluster.findVictim(leaderToKill(gateway.observer.view));
  }

  async #play(firstVictim: Victim, load: Load): Promise<Omit<Story, 'left'>> {
    const { cluster, gateway, strike, writingMs, signal, onPhase } = this.#scene;
    const beganAt = performance.now();
    onPhase(`Writing and reading; then ${strike} for the leader`);
    await pass(writingMs, signal);
    await waitUntilWritesFlow(() => load.acknowledgedAt.length >= enoughWrites, signal);

    // Another may lead by now.
    const { name } = leaderToKill(gateway.observer.view);
    const victim =
      name === firstVictim.name ? firstVictim : await cluster.findVictim(leaderToKill(gateway.observer.view));
    const { version, term } = this.#lastLook(victim);
    const struckAt = performance.now();
    const kill = await this.#kill(victim, load, struckAt);
    const wholeAt = await this.#waitUntilWhole(victim);
    await pass(writingMs, signal);

    onPhase('Reading what every node has');
    await load.stop();
    const endedAt = performance.now();
    const verdict = await this.#judge(load);
    return {
      ...kill,
      strike,
      victim,
      term,
      version,
      beganAt,
      struckAt,
      wholeAt,
      endedAt,
      acknowledgedAt: load.acknowledgedAt,
      reads: load.reads,
      changes: this.#watch.changes,
      topologies: this.#watch.topologies,
      verdict,
    };
  }

  /** The victim must lead, and all must answer, at the very moment: nothing is awaited between this and the kill. */
  #lastLook(victim: Victim): { version: string; term: number } {
    const { name, status } = leaderToKill(this.#scene.gateway.observer.view);
    if (name !== victim.name) throw new Error(`${victim.name} and ${name} lead in turns: nothing was killed`);
    return { version: status?.version ?? '', term: status?.term ?? 0 };
  }

  /** Kills, watches what the others do, and has the victim started again, whatever comes between. */
  async #kill(
    victim: Victim,
    load: Load,
    struckAt: number,
  ): Promise<Pick<Story, 'sameData' | 'brokenView' | 'revivedAt'>> {
    const { gateway, strike, writingMs, signal, onPhase, onStruck } = this.#scene;
    const { name } = victim;
    let seen: { sameData: SameData | null; brokenView: ReplicaSetView };
    onStruck(victim);
    victim.strike(strike);
    try {
      onPhase(`${strike} for ${name}: waiting for the next leader`);
      const sameData = await this.#waitForNext(name, load, struckAt);
      onPhase(`${name} is away: waiting until the others have given it up`);
      // Seen once is enough: towards a frozen node, whose port still answers, the others change between `disconnected` and
      // `connect`. And nobody promises when: it may well be thawed before.
      const isGivenUp = () =>
        this.#watch.topologies.some((topology) => topology.at > struckAt && isCutOff(topology, name));
      await until(isGivenUp, { timeoutMs: cutOffLimitMs, signal });
      seen = { sameData, brokenView: gateway.observer.view };
      await pass(struckAt + writingMs - performance.now(), signal);
    } finally {
      try {
        await waitUntilStruck(victim, strike);
      } finally {
        await victim.revive(strike);
        onStruck(null);
      }
    }
    return { ...seen, revivedAt: isByHand(victim, strike) ? null : performance.now() };
  }

  async #waitForNext(victim: string, load: Load, struckAt: number): Promise<SameData | null> {
    const { signal } = this.#scene;
    const isNext = () => this.#watch.changes.some(({ at, kind }) => at > struckAt && kind === 'ELECTED');
    await this.#need('nobody else was elected', isNext, electionLimitMs);
    const enough = load.acknowledgedAt.length + enoughWrites;
    await this.#need('writes did not go on', () => load.acknowledgedAt.length >= enough, electionLimitMs);

    const names = load.acknowledgedBy(struckAt);
    let same: SameData | null = null;
    const isSame = async () => (same = await this.#findSameData(names, victim)) !== null;
    if (!(await until(isSame, { timeoutMs: dataLimitMs, signal })))
      this.#problems.push('what had been acknowledged was not on the new leader and on its replicas');
    return same;
  }

  /** Null while somebody is missing on a node, or a node does not tell. */
  async #findSameData(names: readonly string[], victim: string): Promise<SameData | null> {
    const { leader, nodes } = this.#scene.gateway.observer.view;
    if (leader === null) return null;
    const replicas = nodes.map(({ name }) => name).filter((name) => name !== leader && name !== victim);
    const hasAll = async (node: string) => {
      const there = new Set((await this.#rows.on(node)).map(({ name }) => name));
      return names.every((name) => there.has(name));
    };
    const answers = await Promise.all([leader, ...replicas].map(hasAll));
    return answers.every(Boolean) ? { at: performance.now(), count: names.length, leader, replicas } : null;
  }

  /** When it was; null when it was not in time. */
  async #waitUntilWhole(victim: Victim): Promise<number | null> {
    const { strike, signal, onPhase } = this.#scene;
    const { name } = victim;
    const isBack = () => this.#latestIs(isWhole);
    if (!isByHand(victim, strike)) {
      onPhase(`Waiting until ${name} follows`);
      const isWholeAgain = await this.#need(`${name} did not follow again`, isBack, wholeLimitMs);
      return isWholeAgain ? performance.now() : null;
    }
    const giveUpAt = performance.now() + byHandLimitMs;
    const isBackOrShow = () => {
      const left = Math.ceil((giveUpAt - performance.now()) / 1_000);
      onPhase(`Start ${name} again with the command that had started it: waiting ${left} s more`);
      return isBack();
    };
    return (await until(isBackOrShow, { timeoutMs: byHandLimitMs, signal })) ? performance.now() : null;
  }

  async #judge(load: Load): Promise<Verdict> {
    const { nodes } = this.#scene.gateway.observer.view;
    const asked = nodes.filter(({ reach }) => reach === 'reachable').map(({ name }) => name);
    await this.#outwaitUnknown(load);
    const found = await this.#rows.onEach(asked).catch((error: unknown) => {
      this.#problems.push(error instanceof Error ? error.message : String(error));
      return new Map<string, readonly { readonly name: string }[]>();
    });
    return judge({
      adds: load.adds,
      found: new Map([...found].map(([node, rows]) => [node, rows.map(({ name }) => name)])),
      answers: this.#loadApi.answers.byCode,
      missed: load.missed,
      problems: [...this.#problems, ...this.#watch.losses],
    });
  }

  /** A write of unknown outcome may take effect until the deadline that it carries. */
  async #outwaitUnknown({ history }: Load): Promise<void> {
    const { requestTimeoutMs } = this.#scene.cluster.configuration.settings;
    const deadlines = history.operations
      .filter(({ outcome }) => outcome.kind === 'unknown')
      .map(({ invokedAt }) => invokedAt + requestTimeoutMs);
    await pass(Math.max(0, ...deadlines) - performance.now(), this.#scene.signal);
  }

  #latestIs(condition: (topology: Watch['topologies'][number]) => boolean): boolean {
    const latest = this.#watch.topologies.at(-1);
    return latest !== undefined && condition(latest);
  }

  async #need(what: string, condition: () => boolean, timeoutMs: number): Promise<boolean> {
    const came = await until(condition, { timeoutMs, signal: this.#scene.signal });
    if (!came) this.#problems.push(`${what} within ${timeoutMs / 1_000} s`);
    return came;
  }
}

/** Whether nobody but a person starts the victim again. */
const isByHand = ({ reviver }: Victim, strike: Strike): boolean => reviver === null && strike !== 'SIGSTOP';
