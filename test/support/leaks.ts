import { setImmediate } from 'node:timers/promises';

/** Counts what a test leaves behind. Install it before the code under test runs. */
export class LeakDetector {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #setTimeout = globalThis.setTimeout;
  readonly #clearTimeout = globalThis.clearTimeout;

  /** Watches the timers that are set from here on by code under `src/`. */
  install(): void {
    const set = (callback: () => void, ms?: number): NodeJS.Timeout => {
      const timer = this.#setTimeout(() => {
        this.#timers.delete(timer);
        callback();
      }, ms);
      if (/\/src\//.test(new Error('Who sets it').stack ?? '')) this.#timers.add(timer);
      return timer;
    };
    const clear = (timer?: NodeJS.Timeout): void => {
      if (timer !== undefined) this.#timers.delete(timer);
      this.#clearTimeout(timer);
    };
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  }

  /** Stops watching, clears the timers that are left, and says how many they were. */
  uninstall(): number {
    Object.assign(globalThis, { setTimeout: this.#setTimeout, clearTimeout: this.#clearTimeout });
    const left = this.#timers.size;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    return left;
  }

  /**
   * TCP connections of this process, both ends of those to a fake: how many are left when they are no more
   * than `limit`, or after a second.
   */
  async socketsLeft(limit = 0): Promise<number> {
    const giveUpAt = performance.now() + 1000;
    while (openSockets() > limit && performance.now() < giveUpAt) await setImmediate();
    return openSockets();
  }
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}
