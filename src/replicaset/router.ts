/**
 * Sends each request to the node that should answer it. The life of a request:
 *
 * | state | meaning | next |
 * | --- | --- | --- |
 * | choosing | looks for its node in the current view, synchronously before the call | calling, or waiting |
 * | waiting | in the bounded queue, until there is a node for it and its pause is over | choosing; failed at its deadline |
 * | calling | sent to one node | answered; or, by the table of retry-policy.ts, choosing or failed |
 *
 * The deadline is made once, by the caller, and is the same for all attempts. A reply of the node, be it "rejected", is
 * final. Nobody below repeats a call, nobody above should.
 */
import type { Clock } from '../clock.js';
import { NodeError } from '../tarantool/errors.js';
import type { Reply } from '../tarantool/reply.js';
import type { CallsInFlight } from './calls-in-flight.js';
import { ClusterUnavailableError, OutcomeUnknownError, StoppingError, UnknownNodeError } from './errors.js';
import type { ReadTarget, ReplicaSet } from './replica-set.js';
import { decideRetry } from './retry-policy.js';
import { chooseNode, type Choice } from './selection.js';
import type { ReplicaSetTracker } from './tracker.js';
import type { Waiters } from './waiters.js';

/** What the router needs of a connection: settles by the deadline, rejects with NodeError only. */
export interface Callable {
  call(fn: string, args: readonly unknown[], deadlineAt: number): Promise<Reply>;
}

export interface RouterParts {
  readonly clock: Clock;
  readonly tracker: ReplicaSetTracker;
  readonly waiters: Waiters;
  readonly calls: CallsInFlight;
  /** By name of the node: the connections for requests. */
  readonly nodes: ReadonlyMap<string, Callable>;
  /** Has a node polled at once, because a call on it failed. */
  readonly probe: (node: string) => void;
}

/** One request through all of its attempts. */
interface Request {
  readonly kind: 'read' | 'write';
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly target: ReadTarget;
  readonly startedAt: number;
  readonly deadlineAt: number;
  /** Monotonic: when the pause after the last failure ends. */
  notBefore: number;
  lastFailure: NodeError | null;
}

export class Router implements ReplicaSet {
  readonly #parts: RouterParts;
  #turn = 0;
  #stopped = false;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  async read(
    fn: string,
    args: readonly unknown[],
    { target, deadlineAt }: { target: ReadTarget; deadlineAt: number },
  ): Promise<Reply> {
    const { nodes } = this.#parts;
    if (target.kind === 'node' && !nodes.has(target.name)) {
      throw new UnknownNodeError(target.name, [...nodes.keys()]);
    }
    return this.#run(this.#request('read', { fn, args, target, deadlineAt }));
  }

  async write(fn: string, args: readonly unknown[], { deadlineAt }: { deadlineAt: number }): Promise<Reply> {
    return this.#run(this.#request('write', { fn, args, target: { kind: 'leader' }, deadlineAt }));
  }

  /** Rejects whoever waits, and every later request, with StoppingError. Calls under way end with their connections. */
  stop(): void {
    this.#stopped = true;
    this.#parts.waiters.stop();
  }

  #request(kind: Request['kind'], given: Pick<Request, 'fn' | 'args' | 'target' | 'deadlineAt'>): Request {
    const startedAt = this.#parts.clock.now();
    return { ...given, kind, startedAt, notBefore: startedAt, lastFailure: null };
  }

  async #run(request: Request): Promise<Reply> {
    for (let attempt = 1; ; attempt += 1) {
      let choice = this.#choose(request);
      while (choice.kind === 'wait') {
        await this.#wait(request);
        choice = this.#choose(request);
      }
      if (choice.kind === 'fail') throw this.#unavailable(request, choice.message);

      const asOf = this.#parts.tracker.revision;
      try {
        return await this.#call(choice.node, request);
      } catch (error) {
        if (!(error instanceof NodeError)) throw error;
        this.#report(error, asOf);
        this.#afterFailure(request, error, attempt);
      }
    }
  }

  /** Whom to call now: nobody during a pause or after the deadline. */
  #choose(request: Request): Choice {
    if (this.#stopped) throw new StoppingError('The gateway is stopping');
    const now = this.#parts.clock.now();
    if (now < request.notBefore || now >= request.deadlineAt) return { kind: 'wait' };
    return this.#look(request);
  }

  #look({ target, lastFailure }: Request): Choice {
    const preference = { turn: this.#turn, avoid: lastFailure?.node ?? null };
    return chooseNode(this.#parts.tracker.view, target, preference);
  }

  async #wait(request: Request): Promise<void> {
    const { deadlineAt, notBefore } = request;
    const ready = (): boolean => this.#look(request).kind !== 'wait';
    const result = await this.#parts.waiters.wait({ ready, deadlineAt, notBefore });
    if (result === 'expired') throw this.#unavailable(request, this.#whatWasMissing(request));
  }

  #call(node: string, { kind, fn, args, target, deadlineAt }: Request): Promise<Reply> {
    const { nodes, calls, tracker } = this.#parts;
    const connection = nodes.get(node);
    if (connection === undefined) throw new Error(`No connection to ${node}`);
    if (target.kind === 'replica') this.#turn += 1;
    const toLeader = target.kind !== 'node' && node === tracker.view.leader;
    return calls.run({ node, kind, toLeader }, () => connection.call(fn, args, deadlineAt));
  }

  /** A failed call is news of the node: a refusal at once, anything else as far as a poll confirms it. */
  #report(error: NodeError, asOf: number): void {
    const { tracker, probe } = this.#parts;
    if (error.code === 'READ_ONLY') {
      tracker.observe({ kind: 'refused', node: error.node, asOf, reason: error.message });
    }
    probe(error.node);
  }

  /** Returns when the request is to be repeated, throws what its caller is to hear otherwise. */
  #afterFailure(request: Request, error: NodeError, attempt: number): void {
    const { code, outcome, node } = error;
    const now = this.#parts.clock.now();
    const timeLeftMs = request.deadlineAt - now;
    request.lastFailure = error;
    const verdict = decideRetry({ kind: request.kind, code, outcome, attempt, timeLeftMs });
    switch (verdict.kind) {
      case 'repeat':
        request.notBefore = now + verdict.pauseMs;
        return;
      case 'unavailable':
        throw this.#unavailable(request, this.#whatWasMissing(request));
      case 'unknown':
        throw new OutcomeUnknownError({ message: unknownMessage(error), node, cause: error });
      case 'defect':
        throw error;
    }
  }

  #whatWasMissing({ startedAt, deadlineAt }: Request): string {
    const { state, leader } = this.#parts.tracker.view;
    const budget = `${Math.round(deadlineAt - startedAt)} ms`;
    if (leader !== null) return `No answer within ${budget}`;
    return state === 'split'
      ? `No leader within ${budget}: two nodes claim to be it`
      : `No leader within ${budget}`;
  }

  #unavailable({ startedAt, lastFailure }: Request, summary: string): ClusterUnavailableError {
    const { term, leader, previousLeader } = this.#parts.tracker.view;
    return new ClusterUnavailableError({
      summary,
      term,
      lastLeader: leader ?? previousLeader,
      waitedMs: Math.round(this.#parts.clock.now() - startedAt),
      cause: lastFailure ?? undefined,
    });
  }
}

const unknownMessage = ({ node }: NodeError): string => `${node} did not say whether the write took effect`;
