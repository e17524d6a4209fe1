/**
 * Sends each request to the node that should answer it. The life of a request:
 *
 * | state | meaning | next |
 * | --- | --- | --- |
 * | choosing | looks for its node in the current view, synchronously before the call | calling, or waiting |
 * | waiting | in the bounded buffer, until there is a node for it | choosing; failed at its deadline, or when its client goes away |
 * | calling | sent to one node | answered; or, by the table of retry-policy.ts, pausing or failed |
 * | pausing | for some milliseconds, because its node could not do it just now | choosing |
 *
 * The deadline is made once, by the caller, and is the same for all attempts. A reply of the node, be it "rejected", is
 * final. Nobody below repeats a call, nobody above should.
 *
 * A write that got no answer stays in doubt until a node answers it: whatever else goes wrong afterwards, its client
 * hears that the outcome is unknown (as with MongoDB's retryable writes: the error of the attempt that may have been
 * applied wins).
 */
import type { Clock } from '../clock.js';
import { NodeError } from '../tarantool/errors.js';
import type { Reply } from '../tarantool/reply.js';
import type { CallsInFlight } from './calls-in-flight.js';
import { CancelledError, OverloadedError, StoppingError, UnknownNodeError } from './errors.js';
import type { ReadOptions, ReadTarget, ReplicaSet, WriteOptions } from './replica-set.js';
import { Failed, clocksDisagree, unavailable, whatWasMissing, type Request } from './request.js';
import type { Departure, RequestBuffer } from './request-buffer.js';
import { RequestLedger, type RequestCounts } from './request-ledger.js';
import { decideRetry } from './retry-policy.js';
import { chooseNode, type Choice } from './selection.js';
import type { ReplicaSetTracker } from './tracker.js';

/** What the router needs of a connection: settles by the deadline, rejects with NodeError only. */
export interface Callable {
  call(fn: string, args: readonly unknown[], deadlineAt: number): Promise<Reply>;
}

/** A call of a request to one node, answered or failed. */
export interface FinishedCall {
  readonly node: string;
  readonly fn: string;
  /** Which one of its request: 1 for the first. */
  readonly attempt: number;
  readonly durationMs: number;
  readonly failure: NodeError | null;
}

/** How long a request had nobody to be sent to, and how that ended. */
export interface FinishedWait {
  readonly target: ReadTarget['kind'];
  readonly durationMs: number;
  readonly ending: Departure['kind'];
}

export interface RouterParts {
  readonly clock: Clock;
  readonly tracker: ReplicaSetTracker;
  readonly buffer: RequestBuffer;
  readonly calls: CallsInFlight;
  /** By name of the node: the connections for requests. */
  readonly nodes: ReadonlyMap<string, Callable>;
  /** Has a node polled at once, because a call on it failed. */
  readonly probe: (node: string) => void;
}

/**
 * More than a node works on at a time, `net_msg_max` (16,384 as shipped), would only wait in its socket. A gateway gets
 * here when a node has fallen silent and has not been given up yet.
 */
const maxRequestsUnderWay = 10_000;

export class Router implements ReplicaSet {
  readonly #parts: RouterParts;
  readonly #ledger = new RequestLedger();
  readonly #callListeners = new Set<(call: FinishedCall) => void>();
  readonly #waitListeners = new Set<(wait: FinishedWait) => void>();
  #turn = 0;
  #stopped = false;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  get counts(): RequestCounts {
    return this.#ledger.counts;
  }

  /** Calls back after every call; it must not throw. Returns how to end that. */
  onCall(listener: (call: FinishedCall) => void): () => void {
    this.#callListeners.add(listener);
    return () => this.#callListeners.delete(listener);
  }

  /** Calls back after every wait; it must not throw. Returns how to end that. */
  onWait(listener: (wait: FinishedWait) => void): () => void {
    this.#waitListeners.add(listener);
    return () => this.#waitListeners.delete(listener);
  }

  read(fn: string, args: readonly unknown[], options: ReadOptions): Promise<Reply> {
    const { nodes } = this.#parts;
    const { target } = options;
    if (target.kind === 'node' && !nodes.has(target.name)) {
      return Promise.reject(new UnknownNodeError(target.name, [...nodes.keys()]));
    }
    return this.#run(this.#request('read', fn, args, options));
  }

  write(fn: string, args: readonly unknown[], options: WriteOptions): Promise<Reply> {
    return this.#run(
      this.#request('write', fn, args, {
        target: toLeader,
        deadlineAt: options.deadlineAt,
        signal: options.signal ?? null,
      }),
    );
  }

  /** Rejects whoever waits, and every later request, with StoppingError. Calls under way end with their connections. */
  stop(): void {
    this.#stopped = true;
    this.#parts.buffer.stop();
  }

  #request(
    kind: Request['kind'],
    fn: string,
    args: readonly unknown[],
    { target, deadlineAt, signal = null, onAnsweredBy = tellNobody }: ReadOptions,
  ): Request {
    return {
      kind,
      fn,
      args,
      target,
      startedAt: this.#parts.clock.now(),
      deadlineAt,
      signal,
      onAnsweredBy,
      attempts: 0,
      standing: 'new',
      lastFailure: null,
      doubt: null,
    };
  }

  /** Counts how the request ends, in exactly one way. */
  async #run(request: Request): Promise<Reply> {
    this.#ledger.accept();
    try {
      const reply = await this.#attemptUntilAnswered(request);
      this.#ledger.end('completed');
      return reply;
    } catch (error) {
      this.#ledger.end(error instanceof Failed ? error.ending : 'failed');
      throw error instanceof Failed ? error.error : error;
    }
  }

  async #attemptUntilAnswered(request: Request): Promise<Reply> {
    for (;;) {
      this.#assertGoesOn(request);
      let choice = this.#look(request);
      let answered: (() => void) | null = null;
      if (!this.#passes(request, choice)) {
        answered = await this.#wait(request);
        // Looked up again, in the same synchronous block in which it is called.
        choice = this.#look(request);
      }
      if (choice.kind !== 'use') {
        answered?.();
        if (choice.kind === 'fail') throw this.#unavailable('failed', request, choice.message);
        continue;
      }
      const { node } = choice;
      const asOf = this.#parts.tracker.revision;
      const sentAt = this.#parts.clock.now();
      try {
        const call = this.#call(node, request);
        const reply = await (answered === null ? call : call.finally(answered));
        this.#tellOfCall(node, request, { sentAt, failure: null });
        request.onAnsweredBy(node);
        return reply;
      } catch (error) {
        if (!(error instanceof NodeError)) throw error;
        this.#tellOfCall(node, request, { sentAt, failure: error });
        this.#report(error, asOf);
        await this.#afterFailure(request, error);
      }
    }
  }

  /** The usual request waits for nothing; those who come while others wait, or come back, have to queue. */
  #passes(request: Request, { kind }: Choice): boolean {
    if (kind === 'fail') return true;
    if (request.standing === 'returning' || this.#parts.buffer.stateOf(request.target) !== 'idle')
      return false;
    this.#assertIsRoom(request);
    return kind === 'use';
  }

  #look({ target, lastFailure }: Request): Choice {
    const preference = { turn: this.#turn, avoid: lastFailure?.node ?? null };
    return chooseNode(this.#parts.tracker.view, target, preference);
  }

  #assertGoesOn(request: Request): void {
    if (this.#stopped) throw stopping(request);
    if (request.signal?.aborted === true) throw cancelled(request);
    if (this.#parts.clock.now() >= request.deadlineAt) throw this.#expired(request);
  }

  #assertIsRoom(request: Request): void {
    if (this.#ledger.underWay - this.#parts.buffer.waiting <= maxRequestsUnderWay) return;
    const error = new OverloadedError(`${maxRequestsUnderWay} requests are under way already`);
    throw new Failed('refused', error, request);
  }

  /** Resolves when the request may be sent; the buffer is to be told when that has been answered. */
  async #wait(request: Request): Promise<() => void> {
    const bytes = Buffer.byteLength(JSON.stringify(request.args));
    const since = this.#parts.clock.now();
    const departure = await this.#parts.buffer.wait({ ...request, bytes }).catch((error: unknown) => {
      throw error instanceof OverloadedError ? new Failed('refused', error, request) : stopping(request);
    });
    this.#tellOfWait(request, since, departure.kind);
    switch (departure.kind) {
      case 'released':
        request.standing = 'returning';
        return departure.answered;
      case 'expired':
        throw this.#expired(request);
      case 'cancelled':
        throw cancelled(request);
      default:
        return departure satisfies never;
    }
  }

  #call(node: string, request: Request): Promise<Reply> {
    const { nodes, calls, tracker } = this.#parts;
    const { fn, args, target, deadlineAt } = request;
    const connection = nodes.get(node);
    if (connection === undefined) return Promise.reject(new Error(`No connection to ${node}`));
    request.attempts += 1;
    request.standing = 'returning';
    if (target.kind === 'replica') this.#turn += 1;
    const toLeader = target.kind !== 'node' && node === tracker.view.leader;
    return calls.run({ node, toLeader }, () => connection.call(fn, args, deadlineAt));
  }

  #tellOfCall(
    node: string,
    { fn, attempts: attempt }: Request,
    { sentAt, failure }: { readonly sentAt: number; readonly failure: NodeError | null },
  ): void {
    if (this.#callListeners.size === 0) return;
    const call = { node, fn, attempt, failure, durationMs: this.#parts.clock.now() - sentAt };
    for (const listener of this.#callListeners) listener(call);
  }

  #tellOfWait({ target }: Request, since: number, ending: Departure['kind']): void {
    const wait = { target: target.kind, ending, durationMs: this.#parts.clock.now() - since };
    for (const listener of this.#waitListeners) listener(wait);
  }

  /** A failed call is news of the node: a refusal at once, anything else as far as a poll confirms it. */
  #report(error: NodeError, asOf: number): void {
    const { tracker, probe } = this.#parts;
    if (error.code === 'READ_ONLY') {
      tracker.observe({ kind: 'refused', node: error.node, asOf, reason: error.message });
    }
    probe(error.node);
  }

  /** Resolves when the request is to be repeated, throws what its caller is to hear otherwise. */
  async #afterFailure(request: Request, error: NodeError): Promise<void> {
    request.lastFailure = error;
    if (request.kind === 'write' && error.outcome === 'unknown') request.doubt ??= error;
    const timeLeftMs = request.deadlineAt - this.#parts.clock.now();
    const verdict = decideRetry({ code: error.code, attempt: request.attempts, timeLeftMs });
    switch (verdict.kind) {
      case 'repeat':
        if (verdict.pauseMs > 0) await pause(Math.min(verdict.pauseMs, timeLeftMs));
        return;
      case 'expired':
        throw error.code === 'DEADLINE_PASSED' && timeLeftMs >= 1
          ? this.#unavailable('failed', request, clocksDisagree(error.node, timeLeftMs))
          : this.#expired(request);
      case 'defect':
        throw new Failed('failed', error, request);
      default:
        return verdict satisfies never;
    }
  }

  #expired(request: Request): Failed {
    return this.#unavailable('expired', request, whatWasMissing(request, this.#parts.tracker.view));
  }

  #unavailable(ending: 'expired' | 'failed', request: Request, summary: string): Failed {
    const { tracker, clock } = this.#parts;
    const error = unavailable(summary, request, { view: tracker.view, now: clock.now() });
    return new Failed(ending, error, request);
  }
}

const cancelled = (request: Request): Failed =>
  new Failed('cancelled', new CancelledError('The client has gone away'), request);

const stopping = (request: Request): Failed =>
  new Failed('failed', new StoppingError('The gateway is stopping'), request);

const toLeader: ReadTarget = { kind: 'leader' };

const tellNobody = (): void => {};

/** Some milliseconds: whether the request goes on at all is looked at afterwards. */
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
