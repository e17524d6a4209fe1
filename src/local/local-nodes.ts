import { setTimeout as delay } from 'node:timers/promises';
import type { Leash } from './leash.js';
import type { NodeCommand } from './node-command.js';
import { type NodeExit, type NodeProcess, startNode } from './node-process.js';

/** A node whose process ended though nobody had asked it to. */
export interface LostNode {
  readonly process: NodeProcess;
  readonly exit: NodeExit;
}

/**
 * How long a node may take to stop by itself. It has nothing to lose by the SIGKILL that follows, for what was
 * acknowledged is in the log, but hands leadership over and finishes its log in far less.
 */
const stopGraceMs = 5_000;

/** The nodes of one replica set, as processes of this machine. */
export class LocalNodes {
  readonly #commands: Map<string, NodeCommand>;
  readonly #leash: Leash;
  readonly #lossListeners = new Set<(lost: LostNode) => void>();
  readonly #processes = new Map<string, NodeProcess>();
  /** Those that are to be running: the end of any other is no loss. */
  readonly #wanted = new Set<NodeProcess>();

  constructor(commands: readonly NodeCommand[], leash: Leash) {
    this.#commands = new Map(commands.map((command) => [command.name, command]));
    this.#leash = leash;
  }

  /** Has one more node, which is not started yet; or another command for one, from its next start on. */
  add(command: NodeCommand): void {
    this.#commands.set(command.name, command);
  }

  /** Has a node no more; its process must have ended. */
  remove(name: string): void {
    this.#commands.delete(name);
    this.#processes.delete(name);
  }

  get names(): readonly string[] {
    return [...this.#commands.keys()];
  }

  /** Process ids by name, of the nodes that run. */
  get pids(): ReadonlyMap<string, number> {
    const running = [...this.#processes].filter(([, process]) => !process.hasExited());
    return new Map(running.map(([name, { pid }]) => [name, pid]));
  }

  /** The latest process of a node; undefined before its first start. */
  process(name: string): NodeProcess | undefined {
    return this.#processes.get(name);
  }

  /** Calls back when a node ends though nobody asked it to; returns the way to stop. */
  onLost(listener: (lost: LostNode) => void): () => void {
    this.#lossListeners.add(listener);
    return () => this.#lossListeners.delete(listener);
  }

  /** Starts the named nodes that are not running, all at once, and resolves to them when their processes exist. */
  async start(names: readonly string[] = this.names): Promise<readonly NodeProcess[]> {
    const starting = names.flatMap((name) => {
      const command = this.#commands.get(name);
      return command === undefined || this.#processes.get(name)?.hasExited() === false
        ? []
        : [this.#start(command)];
    });
    return Promise.all(starting);
  }

  /** Stops every node, `last` after all others; resolves when no process is left. */
  async stop({ last }: { last: string | null }): Promise<void> {
    const running = [...this.#processes.values()].filter((process) => !process.hasExited());
    await Promise.all(running.filter(({ name }) => name !== last).map((process) => this.#stop(process)));
    await Promise.all(running.map((process) => this.#stop(process)));
  }

  /** Kills every node now. */
  kill(): void {
    this.#wanted.clear();
    for (const process of this.#processes.values()) process.signal('SIGKILL');
  }

  async #start(command: NodeCommand): Promise<NodeProcess> {
    const process = await startNode(command, this.#leash);
    this.#processes.set(command.name, process);
    this.#wanted.add(process);
    void this.#watch(process);
    return process;
  }

  async #watch(process: NodeProcess): Promise<void> {
    const exit = await process.exited;
    if (!this.#wanted.delete(process)) return;
    for (const listener of this.#lossListeners) listener({ process, exit });
  }

  async #stop(process: NodeProcess): Promise<void> {
    this.#wanted.delete(process);
    process.signal('SIGTERM');
    // A frozen one can only stop once it goes on; then SIGTERM is the first thing it sees.
    process.signal('SIGCONT');
    const grace = new AbortController();
    const gaveUp = delay(stopGraceMs, 'overdue', { signal: grace.signal }).catch(() => 'overdue');
    if ((await Promise.race([process.exited, gaveUp])) === 'overdue') process.signal('SIGKILL');
    grace.abort();
    await process.exited;
  }
}
