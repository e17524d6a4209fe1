import { once } from 'node:events';
import { type Server, type Socket, createConnection, createServer } from 'node:net';
import type { Address } from '../cluster-config/address.js';
import { Lane } from './lane.js';
import { type ReplyCut, ReplyCutter } from './reply-cutter.js';
import { resetSocket } from './reset-socket.js';

/** Seen from who connects: `to` is the way of its requests, `from` that of the answers. */
export type Direction = 'to' | 'from';

export interface LinkProxyOptions {
  /** Who connects to whom. */
  readonly from: string;
  readonly to: string;
  readonly target: Address;
  /** On 127.0.0.1; 0 takes any free one. */
  readonly port: number;
  /** Answers can be cut only where the protocol is known. */
  readonly carries: 'iproto' | 'bytes';
  /** The target was found to refuse, and so does this link from now on: `admit` is due when it listens again. */
  readonly onRefused?: () => void;
}

/** One connection on its way through. */
interface Pipe {
  readonly client: Socket;
  /** Null until the target has been connected to, which a held link puts off. */
  server: Socket | null;
  lanes: Readonly<Record<Direction, Lane>> | null;
}

/**
 * The link from one process to another as a TCP proxy, for faults between processes that are well.
 *
 * | fault | as on a real network | here |
 * | --- | --- | --- |
 * | `hold` | a cable is cut, in one direction or both: nobody is told | bytes and closes are held; connections are accepted and not answered |
 * | `delay` | a long way | every byte and every close arrives later |
 * | `refuse` | the process is dead: its port refuses | nobody listens, and connections are reset |
 * | `cutNextReply` | the connection breaks between the server's commit and its answer | the answer is swallowed, the connection is reset |
 *
 * `heal` ends the first two: what was held goes on. `admit` ends the third. A held link hides from the client that the
 * process behind it has died: it learns so when the link is healed.
 */
export class LinkProxy {
  readonly from: string;
  readonly to: string;
  readonly #options: LinkProxyOptions;
  readonly #pipes = new Set<Pipe>();
  #port: number;
  #server: Server | null = null;
  #isAdmitting = false;
  #held: ReadonlySet<Direction> = new Set();
  #delayMs = 0;
  #cut: ReplyCut | null = null;
  #cutsDone = 0;

  /** Refuses until `admit`. */
  constructor(options: LinkProxyOptions) {
    this.from = options.from;
    this.to = options.to;
    this.#options = options;
    this.#port = options.port;
  }

  /** Where to connect to; 0 before the first `admit` if any port was asked for. */
  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#pipes.size;
  }

  /** How many answers have been cut so far. */
  get cutsDone(): number {
    return this.#cutsDone;
  }

  /** The target accepts connections. Resolves when this link does. */
  async admit(): Promise<void> {
    this.#isAdmitting = true;
    await this.#listen();
  }

  /** The target is gone: so is this link's listener, and its connections are reset, unless the link is held. */
  refuse(): void {
    this.#isAdmitting = false;
    if (this.#held.size === 0) this.#vanish();
  }

  /** Nothing passes any more in these directions until `heal`. */
  async hold(...directions: readonly Direction[]): Promise<void> {
    this.#held = new Set([...this.#held, ...directions]);
    for (const { lanes } of this.#pipes) {
      for (const direction of directions) lanes?.[direction].hold();
    }
    // Behind a cut cable even a dead process does not refuse.
    await this.#listen();
  }

  delay(delayMs: number): void {
    this.#delayMs = delayMs;
    for (const { lanes } of this.#pipes) {
      if (lanes === null) continue;
      lanes.to.delayMs = delayMs;
      lanes.from.delayMs = delayMs;
    }
  }

  /** Lets the next such request through, and loses its answer. Needs a link that carries `iproto`. */
  cutNextReply(cut: ReplyCut): void {
    this.#cut = cut;
  }

  /** Ends `hold`, `delay`, and a cut that has found no request. */
  heal(): void {
    this.#held = new Set();
    this.#cut = null;
    this.delay(0);
    if (!this.#isAdmitting) {
      this.#vanish();
      return;
    }
    for (const pipe of this.#pipes) {
      if (pipe.lanes === null) this.#connect(pipe);
      pipe.lanes?.to.release();
      pipe.lanes?.from.release();
    }
  }

  /** Ends the listener and every connection. */
  stop(): void {
    this.#isAdmitting = false;
    this.#held = new Set();
    this.#vanish();
  }

  async #listen(): Promise<void> {
    if (this.#server !== null) return;
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) =>
      this.#accept(client),
    );
    this.#server = server;
    server.listen({ host: '127.0.0.1', port: this.#port });
    await once(server, 'listening');
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
  }

  #vanish(): void {
    this.#server?.close();
    this.#server = null;
    for (const pipe of this.#pipes) this.#reset(pipe);
  }

  #accept(client: Socket): void {
    const pipe: Pipe = { client, server: null, lanes: null };
    this.#pipes.add(pipe);
    client.on('error', () => {});
    client.on('close', () => this.#forgetIfClosed(pipe));
    if (this.#held.size === 0) this.#connect(pipe);
  }

  #connect(pipe: Pipe): void {
    const server = createConnection({ ...this.#options.target, allowHalfOpen: true, noDelay: true });
    pipe.server = server;
    pipe.client.setNoDelay(true);
    server.on('error', (error) => {
      if (!('code' in error) || error.code !== 'ECONNREFUSED') return;
      // Its process has died, and nobody has told us yet; or it begins anew, as Tarantool 2.6 does to be filled again.
      this.refuse();
      this.#options.onRefused?.();
    });
    server.on('close', () => this.#forgetIfClosed(pipe));
    const cutter =
      this.#options.carries === 'iproto' ? new ReplyCutter((request) => this.#claim(request)) : null;
    const delayMs = this.#delayMs;
    const lanes = {
      to: new Lane(pipe.client, server, {
        delayMs,
        inspect: (bytes) => {
          cutter?.watchRequests(bytes);
          return bytes;
        },
      }),
      from: new Lane(server, pipe.client, {
        delayMs,
        inspect: (bytes) => {
          if (cutter === null) return bytes;
          const { passing, isCut } = cutter.filterReplies(bytes);
          if (isCut) this.#finishCut(pipe);
          return passing;
        },
      }),
    };
    pipe.lanes = lanes;
    for (const direction of this.#held) lanes[direction].hold();
    if (this.#held.size === 0) pipe.client.resume();
  }

  #claim(request: Buffer): ReplyCut | null {
    const cut = this.#cut;
    if (cut === null || !request.includes(cut.containing)) return null;
    this.#cut = null;
    return cut;
  }

  /** Once the bytes that may pass are on their way. */
  #finishCut(pipe: Pipe): void {
    this.#cutsDone += 1;
    setImmediate(() => this.#reset(pipe));
  }

  #reset(pipe: Pipe): void {
    resetSocket(pipe.client);
    pipe.server?.destroy();
    this.#forget(pipe);
  }

  #forgetIfClosed(pipe: Pipe): void {
    if (pipe.client.destroyed && pipe.server?.destroyed !== false) this.#forget(pipe);
  }

  #forget(pipe: Pipe): void {
    pipe.lanes?.to.stop();
    pipe.lanes?.from.stop();
    this.#pipes.delete(pipe);
  }
}
