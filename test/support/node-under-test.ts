import { systemClock } from '../../src/clock.js';
import { TarantoolNode } from '../../src/tarantool/node.js';
import type { NodePhase, TarantoolNodeOptions } from '../../src/tarantool/node.js';
import type { Reply } from '../../src/tarantool/reply.js';

type PhaseOf<Name extends NodePhase['phase']> = Extract<NodePhase, { phase: Name }>;

/** A node with everything that it has told its owner. */
export class NodeUnderTest {
  readonly node: TarantoolNode;
  readonly phases: NodePhase[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(options: { port: number } & Partial<TarantoolNodeOptions>) {
    this.node = new TarantoolNode({
      name: 'instance001',
      host: '127.0.0.1',
      user: 'gateway',
      password: 'secret',
      clock: systemClock,
      random: () => 0.5,
      ...options,
      onPhase: (phase) => {
        this.phases.push(phase);
        options.onPhase?.(phase);
        for (const listener of this.#listeners) listener();
      },
    });
  }

  /** Resolves with the first phase of this kind from the `from`-th phase on. */
  async until<Name extends NodePhase['phase']>(name: Name, from = 0): Promise<PhaseOf<Name>> {
    for (;;) {
      const found = this.phases.slice(from).find((phase): phase is PhaseOf<Name> => phase.phase === name);
      if (found !== undefined) return found;
      await this.#nextPhase();
    }
  }

  /** Starts and waits for the connection. */
  async ready(): Promise<this> {
    this.node.start();
    await this.until('ready');
    return this;
  }

  /** Calls with so many milliseconds to go. */
  call(fn: string, args: readonly unknown[] = [], timeoutMs = 10_000): Promise<Reply> {
    return this.node.call(fn, args, systemClock.now() + timeoutMs);
  }

  async #nextPhase(): Promise<void> {
    return new Promise((resolve) => {
      const listener = (): void => {
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
  }
}
