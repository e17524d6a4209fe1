import { setTimeout as delay } from 'node:timers/promises';
import type { PrivateCluster } from '../trial/private-cluster.js';
import { waitFor } from '../trial/wait-for.js';
import type { End, PlannedFault, Role } from './schedule.js';

/** A fault as it happened. Times are monotonic milliseconds. */
export interface InjectedFault {
  readonly planned: PlannedFault;
  /** Who it was, in words: `instance002`, or `gateway - instance001`. */
  readonly hit: string;
  /** Whether the one that led took part. */
  readonly leader: string;
  readonly injectedAt: number;
  healedAt: number | null;
}

/** Tarantool gives its triggers three seconds. */
const stopPatienceMs = 8_000;

/** Breaks things and mends them again, one after another. */
export class Injector {
  readonly #cluster: PrivateCluster;
  readonly #injected: InjectedFault[] = [];
  #lastLeader: string;

  /** `leader` leads at the begin. */
  constructor(cluster: PrivateCluster, leader: string) {
    this.#cluster = cluster;
    this.#lastLeader = leader;
  }

  get injected(): readonly InjectedFault[] {
    return this.#injected;
  }

  /** Resolves when what was broken is mended: after its time, or at the signal. Rejects when a process cannot be handled. */
  async inject(planned: PlannedFault, signal: AbortSignal): Promise<void> {
    const leader = await this.#findLeader();
    const { hit, apply, mend } = this.#prepare(planned, leader);
    const fault: InjectedFault = { planned, hit, leader, injectedAt: performance.now(), healedAt: null };
    this.#injected.push(fault);
    try {
      await apply();
      await delay(planned.durationMs, undefined, { signal }).catch(() => undefined);
    } finally {
      await mend();
      fault.healedAt = performance.now();
    }
  }

  /** While nobody leads, whoever did last. */
  async #findLeader(): Promise<string> {
    const find = () => this.#cluster.leader();
    this.#lastLeader = await waitFor('somebody leads', find, { timeoutMs: 3_000 }).catch(
      () => this.#lastLeader,
    );
    return this.#lastLeader;
  }

  #prepare(fault: PlannedFault, leader: string): Plan {
    const cluster = this.#cluster;
    const victim = fault.victim === null ? '' : this.#whoIs(fault.victim, leader);
    const pairs = fault.link === null ? [] : this.#pairs(fault.link, leader);
    const { links } = cluster;
    const each = (act: (from: string, to: string) => Promise<void> | void) => async () => {
      await Promise.all(pairs.map(async ([from, to]) => act(from, to)));
    };
    const heal = each((from, to) => links.heal(from, to));
    const hit = fault.link === null ? victim : describe(pairs);
    switch (fault.kind) {
      case 'kill':
        return { hit, apply: () => cluster.kill(victim), mend: () => cluster.restart(victim) };
      case 'stop':
        return { hit, apply: () => this.#stop(victim), mend: () => cluster.restart(victim) };
      case 'pause':
        return { hit, apply: () => cluster.freeze(victim), mend: async () => cluster.thaw(victim) };
      case 'cut':
        return { hit, apply: each((from, to) => links.cut(from, to)), mend: heal };
      case 'oneway':
        return {
          hit: hit.replaceAll(' - ', ' -> '),
          apply: each((from, to) => links.cutOneWay(from, to)),
          mend: heal,
        };
      case 'reset': {
        const cut = { containing: 'employees.write', afterBytes: fault.amount };
        return { hit, apply: each((from, to) => links.get(from, to).cutNextReply(cut)), mend: heal };
      }
      case 'delay':
        return { hit, apply: each((from, to) => links.delay(from, to, fault.amount)), mend: heal };
      case 'killall':
        return {
          hit: 'all',
          apply: () => cluster.killAll(),
          mend: () => cluster.restart(...cluster.names),
        };
      default:
        return fault.kind satisfies never;
    }
  }

  /** With SIGTERM; a node that does not end is killed, so that a run ends whatever a node does. */
  async #stop(victim: string): Promise<void> {
    const overdue = setTimeout(() => this.#cluster.process(victim).signal('SIGKILL'), stopPatienceMs);
    await this.#cluster.kill(victim, 'SIGTERM');
    clearTimeout(overdue);
  }

  #pairs([one, other]: readonly [End, End], leader: string): readonly (readonly [string, string])[] {
    const ones = this.#whoAre(one, leader);
    const others = this.#whoAre(other, leader);
    // `peers` are all that the other end is not.
    const pairs = ones.flatMap((from) => others.map((to): readonly [string, string] => [from, to]));
    return pairs.filter(([from, to]) => from !== to);
  }

  #whoAre(end: End, leader: string): readonly string[] {
    if (end === 'gateway') return [end];
    if (end === 'peers') return this.#cluster.names;
    if (end === 'followers') return this.#cluster.names.filter((name) => name !== leader);
    return [this.#whoIs(end, leader)];
  }

  #whoIs(role: Role, leader: string): string {
    const followers = this.#cluster.names.filter((name) => name !== leader).toSorted();
    const players = { leader, 'follower 1': followers[0], 'follower 2': followers[1] };
    return players[role] ?? leader;
  }
}

interface Plan {
  readonly hit: string;
  readonly apply: () => Promise<void>;
  readonly mend: () => Promise<void>;
}

function describe(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([from, to]) => `${from} - ${to}`).join(', ');
}
