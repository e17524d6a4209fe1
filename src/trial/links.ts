import type { Address } from '../cluster-config/address.js';
import { LinkProxy } from './link-proxy.js';

/** A link by its two ends: who connects to whom. */
const keyOf = (from: string, to: string): string => `${from} -> ${to}`;

/** A proxy on the way from each process to each node. */
export class Links {
  readonly #proxies: ReadonlyMap<string, LinkProxy>;

  readonly #refusalListeners: Set<(node: string) => void>;

  private constructor(proxies: readonly LinkProxy[], refusalListeners: Set<(node: string) => void>) {
    this.#refusalListeners = refusalListeners;
    this.#proxies = new Map(proxies.map((proxy) => [keyOf(proxy.from, proxy.to), proxy]));
  }

  /** None of them listens yet. */
  static between(options: {
    /** Whose answers can be cut. */
    readonly clients: readonly string[];
    readonly nodes: ReadonlyMap<string, Address>;
    /** As many as there are links. */
    readonly ports: readonly number[];
  }): Links {
    const { clients, nodes, ports } = options;
    const listeners = new Set<(node: string) => void>();
    const ends = [...clients, ...nodes.keys()].flatMap((from) =>
      [...nodes].filter(([to]) => to !== from).map(([to, target]) => ({ from, to, target })),
    );
    return new Links(
      ends.map((end, index) => {
        const port = ports[index];
        if (port === undefined) throw new Error(`${ends.length} links need as many ports`);
        const carries = clients.includes(end.from) ? 'iproto' : 'bytes';
        const onRefused = () => listeners.forEach((listener) => listener(end.to));
        return new LinkProxy({ ...end, port, carries, onRefused });
      }),
      listeners,
    );
  }

  /** Calls back when a node is found to refuse connections: `admitTo` is due when it accepts them again. */
  onRefused(listener: (node: string) => void): void {
    this.#refusalListeners.add(listener);
  }

  get all(): readonly LinkProxy[] {
    return [...this.#proxies.values()];
  }

  get(from: string, to: string): LinkProxy {
    const proxy = this.#proxies.get(keyOf(from, to));
    if (proxy === undefined) throw new Error(`There is no link from ${from} to ${to}`);
    return proxy;
  }

  /** Cuts the cable between two processes: nothing passes either way, whoever made the connection. */
  async cut(one: string, other: string): Promise<void> {
    await Promise.all(this.#between(one, other).map((proxy) => proxy.hold('to', 'from')));
  }

  /** What `from` sends does not reach `to` any more, whoever made the connection. */
  async cutOneWay(from: string, to: string): Promise<void> {
    await Promise.all(
      this.#between(from, to).map((proxy) => proxy.hold(proxy.from === from ? 'to' : 'from')),
    );
  }

  delay(one: string, other: string, delayMs: number): void {
    for (const proxy of this.#between(one, other)) proxy.delay(delayMs);
  }

  heal(one: string, other: string): void {
    for (const proxy of this.#between(one, other)) proxy.heal();
  }

  healAll(): void {
    for (const proxy of this.all) proxy.heal();
  }

  /** The node accepts connections now. */
  async admitTo(node: string): Promise<void> {
    await Promise.all(this.#leadingTo(node).map((proxy) => proxy.admit()));
  }

  /** The process of the node is gone. */
  refuseTo(node: string): void {
    for (const proxy of this.#leadingTo(node)) proxy.refuse();
  }

  stop(): void {
    for (const proxy of this.all) proxy.stop();
  }

  #leadingTo(node: string): readonly LinkProxy[] {
    return this.all.filter(({ to }) => to === node);
  }

  #between(one: string, other: string): readonly LinkProxy[] {
    return this.all.filter(
      ({ from, to }) => (from === one && to === other) || (from === other && to === one),
    );
  }
}
