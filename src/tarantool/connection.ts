import type { Clock } from '../clock.js';
import { FramedSocket } from './connector.js';
import type { Loss } from './connector.js';
import { DeadlineSet } from './deadline-set.js';
import { openDriver } from './driver.js';
import type { Driver } from './driver.js';
import { NodeError, classifyTarantoolError } from './errors.js';
import type { NodeErrorCode, Outcome } from './errors.js';
import type { CallAnswer } from './iproto.js';
import { afterLastLook } from './last-look.js';
import { parseReply } from './reply.js';
import type { Reply } from './reply.js';
import type { Seated } from './roster.js';

export interface ConnectionOptions {
  /** Name of the node, for errors. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly clock: Clock;
  /** How long connecting and logging in may take; and, later, how long the node may owe the answer to a ping. */
  readonly connectTimeoutMs: number;
}

export interface ConnectionEvents {
  /** The login is done and calls may be made. At most once. */
  readonly onReady: () => void;
  /** Once, and then nothing more. Calls under way have been rejected. */
  readonly onLost: (loss: Loss) => void;
}

interface PendingCall extends Seated {
  readonly fn: string;
  readonly sentAt: number;
  readonly deadlineAt: number;
  /** How much the node had sent when this call was made. */
  readonly receivedBefore: number;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One connection to one node, from the first attempt to its loss; then a new one is made.
 *
 * Promises one thing: a call settles by its deadline, whatever the node does.
 *
 * A deadline that passes does not end the connection, for a slow function says nothing about the node, and other calls
 * are under way; the late reply is dropped. But when nothing at all has come since that call was made, the node may be
 * frozen or the cable cut, and then no close will ever be heard. So it is pinged, and if it stays silent for
 * `connectTimeoutMs` more, the connection is destroyed. (Rejected: to destroy it at the first silent deadline. A lone
 * write that waits for its quorum would take the healthy calls behind it along.)
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: FramedSocket;
  readonly #driver: Driver;
  readonly #pending: DeadlineSet<PendingCall>;
  readonly #cancelConnectTimeout: () => void;
  #cancelProbe: (() => void) | null = null;

  /** Connects. Calls back later, never from within. */
  static open(options: ConnectionOptions, events: ConnectionEvents): Connection {
    return new Connection(options, events);
  }

  private constructor(options: ConnectionOptions, events: ConnectionEvents) {
    const { connectTimeoutMs } = options;
    this.#options = options;
    this.#pending = new DeadlineSet(options.clock, (calls) => this.#expire(calls));
    this.#socket = FramedSocket.open(options, (loss) => {
      this.#release(loss);
      events.onLost(loss);
    });
    this.#driver = openDriver(this.#socket, {
      user: options.user,
      password: options.password,
      onReady: () => {
        if (!this.#socket.writable) return;
        this.#cancelConnectTimeout();
        events.onReady();
      },
      onRefused: ({ error, errorNumber }) =>
        this.destroy({ ...refusal(errorNumber, error.message), cause: error }),
    });
    this.#cancelConnectTimeout = afterLastLook(connectTimeoutMs, () => {
      this.destroy({ code: 'TIMEOUT', message: `No login within ${connectTimeoutMs} ms` });
    });
  }

  /** Only after `onReady`. Rejects with a {@link NodeError}. */
  call(fn: string, args: readonly unknown[], deadlineAt: number): Promise<Reply> {
    const sentAt = this.#options.clock.now();
    return new Promise((resolve, reject) => {
      if (!(deadlineAt > sentAt)) {
        const message = `No time was left to send ${fn}`;
        reject(this.#error({ code: 'TIMEOUT', outcome: 'not-applied', message }));
        return;
      }
      const receivedBefore = this.#socket.receivedBytes;
      const call: PendingCall = { fn, sentAt, deadlineAt, receivedBefore, resolve, reject, place: -1 };
      try {
        this.#socket.call(fn, args, (answer) => this.#answer(call, answer));
      } catch (cause) {
        const message = `Not sent: ${cause instanceof Error ? cause.message : String(cause)}`;
        reject(this.#error({ code: 'NODE_FAILURE', outcome: 'not-applied', message, cause }));
        return;
      }
      this.#pending.add(call);
    });
  }

  /** Ends the connection at once. Calls under way reject with the code of `loss` and an unknown outcome. Idempotent. */
  destroy(loss: Loss): void {
    this.#socket.destroy(loss);
  }

  #answer(call: PendingCall, answer: CallAnswer): void {
    if (!this.#pending.delete(call)) return;
    if (answer.kind === 'refused') {
      call.reject(this.#error(refusal(answer.errorNumber, answer.message)));
      return;
    }
    try {
      call.resolve(parseReply(answer.value, this.#options.name));
    } catch (error) {
      call.reject(error);
    }
  }

  #expire(calls: readonly PendingCall[]): void {
    for (const call of calls) {
      const message = `No answer to ${call.fn} within ${Math.round(call.deadlineAt - call.sentAt)} ms`;
      call.reject(this.#error({ code: 'TIMEOUT', outcome: 'unknown', message }));
    }
    const { receivedBytes } = this.#socket;
    if (calls.some((call) => call.receivedBefore === receivedBytes)) this.#probe();
  }

  #probe(): void {
    if (this.#cancelProbe !== null) return;
    const { connectTimeoutMs } = this.#options;
    const receivedBefore = this.#socket.receivedBytes;
    this.#driver.ping();
    this.#cancelProbe = afterLastLook(connectTimeoutMs, () => {
      this.#cancelProbe = null;
      if (this.#socket.receivedBytes !== receivedBefore) return;
      this.destroy({ code: 'CONNECTION_LOST', message: `No answer to a ping within ${connectTimeoutMs} ms` });
    });
  }

  #release({ code, message, cause }: Loss): void {
    this.#cancelConnectTimeout();
    this.#cancelProbe?.();
    for (const call of this.#pending.drain()) {
      const text = `${message}, with no answer to ${call.fn} yet`;
      call.reject(this.#error({ code, outcome: 'unknown', message: text, cause }));
    }
  }

  #error({ code, ...options }: Verdict & { readonly cause?: unknown }): NodeError {
    return new NodeError(code, { ...options, node: this.#options.name });
  }
}

interface Verdict {
  readonly code: NodeErrorCode;
  readonly outcome: Outcome;
  readonly message: string;
}

/** Of a node's own words for a failure, which nobody but people reads. */
const longestMessage = 500;

/** What Tarantool refused, as the driver or we read it: the text may be anything. */
function refusal(errorNumber: number | null, text: unknown): Verdict {
  const message = typeof text === 'string' ? text.slice(0, longestMessage) : 'The node gave no text';
  if (errorNumber === null) return { code: 'NODE_FAILURE', outcome: 'unknown', message };
  return { ...classifyTarantoolError(errorNumber), message: `${message} (Tarantool error ${errorNumber})` };
}
