import type { Clock } from '../clock.js';
import { parseNodeStatus } from '../tarantool/node-status.js';
import type { NodePhase, TarantoolNode } from '../tarantool/node.js';
import type { Observation } from './observation.js';

/** What polling needs of a connection to a node; it tells of its phases by itself. */
export type PollConnection = Pick<TarantoolNode, 'name' | 'start' | 'stop' | 'call'>;

export interface PollLoopOptions {
  /** Makes the connection, which is the loop's own, so that no poll queues behind a large result. */
  readonly connect: (onPhase: (phase: NodePhase) => void) => PollConnection;
  readonly clock: Clock;
  /** Revision of the view, for observations to be told from later ones. */
  readonly revision: () => number;
  readonly observe: (observation: Observation) => void;
  /** From one poll to the next: asked anew each time. */
  readonly intervalMs: () => number;
  /** Monotonic: polls come whole intervals after it, so that all loops with one epoch poll at the same moments. */
  readonly epoch: number;
  /** A connected node that is silent for so long counts as unreachable. */
  readonly timeoutMs: number;
}

/**
 * | state | meaning | left |
 * | --- | --- | --- |
 * | `away` | no connection stands, so there is nobody to ask | when it is made: asks at once |
 * | `asking` | a poll is under way; `again` when something has happened since that it may not know of | when it settles |
 * | `resting` | the last poll has settled | when the timer fires, which `wake()` may bring forward |
 * | `stopped` | for ever | |
 */
type State =
  | { readonly state: 'away' }
  | { readonly state: 'asking'; again: boolean }
  | { readonly state: 'resting'; readonly timer: NodeJS.Timeout }
  | { readonly state: 'stopped' };

/** Fewest milliseconds between two polls of a node, however often it is woken: its answers cost it some 50 µs each. */
export const shortestIntervalMs = 10;

/** As a share of the interval. */
const nearness = 0.25;

/** Polls one node over and over. Never overlaps itself: the next poll is planned when the last has settled. */
export class PollLoop {
  readonly #options: PollLoopOptions;
  readonly #connection: PollConnection;
  #state: State = { state: 'away' };
  #askedAt = -Infinity;

  constructor(options: PollLoopOptions) {
    this.#options = options;
    this.#connection = options.connect((phase) => this.#onPhase(phase));
  }

  /** Begins to connect and returns. */
  start(): void {
    this.#connection.start();
  }

  /** Has the node polled at once, or right after the poll under way. */
  wake(): void {
    const current = this.#state;
    if (current.state === 'asking') current.again = true;
    if (current.state !== 'resting') return;
    clearTimeout(current.timer);
    this.#rest(0);
  }

  stop(): void {
    if (this.#state.state === 'resting') clearTimeout(this.#state.timer);
    this.#state = { state: 'stopped' };
    this.#connection.stop();
  }

  #onPhase(phase: NodePhase): void {
    if (this.#state.state === 'stopped') return;
    if (phase.phase === 'ready') void this.#ask();
    if (phase.phase === 'waiting') this.#lose(phase.reason.message);
  }

  /** A connection that breaks or is refused is news by itself; the poll under way is forgotten. */
  #lose(problem: string): void {
    if (this.#state.state === 'resting') clearTimeout(this.#state.timer);
    this.#state = { state: 'away' };
    const { observe, revision } = this.#options;
    observe({ kind: 'unreachable', node: this.#connection.name, asOf: revision(), problem });
  }

  /** Never rejects, unless the reducer does. */
  async #ask(): Promise<void> {
    const { clock, observe, revision } = this.#options;
    const asking = { state: 'asking', again: false } as const satisfies State;
    this.#state = asking;
    this.#askedAt = clock.now();
    const observation = await this.#poll(revision());
    if (this.#state !== asking) return;

    observe(observation);
    this.#rest(asking.again ? 0 : this.#untilNextMoment());
  }

  /** Timers may be early by a fraction: a moment that is so near is the one that has just been used. */
  #untilNextMoment(): number {
    const { clock, epoch } = this.#options;
    const intervalMs = this.#options.intervalMs();
    const sinceEpoch = clock.now() - epoch;
    const moments = Math.ceil(sinceEpoch / intervalMs + nearness);
    return Math.ceil(moments * intervalMs - sinceEpoch);
  }

  #rest(delayMs: number): void {
    const earliest = this.#askedAt + shortestIntervalMs - this.#options.clock.now();
    const timer = setTimeout(() => void this.#ask(), Math.max(delayMs, earliest));
    this.#state = { state: 'resting', timer };
  }

  /** Asks once. A node that answers with anything but its own status is of no more use than one that does not answer. */
  async #poll(asOf: number): Promise<Observation> {
    const { name: node } = this.#connection;
    const { clock, timeoutMs } = this.#options;
    try {
      const reply = await this.#connection.call('replicaset.status', [], clock.now() + timeoutMs);
      const status = parseNodeStatus(reply);
      if (status.name === node) return { kind: 'answered', node, asOf, status };
      return { kind: 'unreachable', node, asOf, problem: `${node}: the node there is ${status.name}` };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { kind: 'unreachable', node, asOf, problem };
    }
  }
}
