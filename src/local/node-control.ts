import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { LocalAction, LocalNode, LocalNodeControl } from '../http/local-nodes.js';
import type { LocalNodes } from './local-nodes.js';
import type { NodeProcess } from './node-process.js';

/** A signal is obeyed in a millisecond; the kernel of a busy machine may take longer to say so. */
const obeyLimitMs = 2_000;

/** What the buttons of the console do: the same signals that a person at a terminal would send. */
export class NodeControl implements LocalNodeControl {
  readonly #nodes: LocalNodes;
  readonly #say: (line: string) => void;

  constructor(nodes: LocalNodes, say: (line: string) => void) {
    this.#nodes = nodes;
    this.#say = say;
  }

  async list(): Promise<readonly LocalNode[]> {
    return Promise.all(
      this.#nodes.names.map(async (name) => ({ name, state: await stateOf(this.#nodes.process(name)) })),
    );
  }

  async act(name: string, action: LocalAction): Promise<'done' | { readonly refusal: string }> {
    if (!this.#nodes.names.includes(name)) return { refusal: `There is no node ${name}` };
    const process = this.#nodes.process(name);
    const state = await stateOf(process);
    if (action === 'restart') {
      if (state !== 'ended') return { refusal: `${name} is running` };
      const [started] = await this.#nodes.start([name]);
      if (started !== undefined) this.#say(`${name} is started again (process ${started.pid})`);
      return 'done';
    }
    if (process === undefined || state === 'ended') return { refusal: `${name} is not running` };
    const { signal, becomes } = orders[action];
    process.signal(signal);
    if (!(await reaches(process, becomes))) return { refusal: `${name} does not obey ${signal}` };
    if (action !== 'kill') this.#say(`${name} (process ${process.pid}) got ${signal}`);
    return 'done';
  }
}

const orders: Readonly<
  Record<Exclude<LocalAction, 'restart'>, { signal: NodeJS.Signals; becomes: LocalNode['state'] }>
> = {
  kill: { signal: 'SIGKILL', becomes: 'ended' },
  freeze: { signal: 'SIGSTOP', becomes: 'frozen' },
  thaw: { signal: 'SIGCONT', becomes: 'running' },
};

/** Whether the process gets there, and soon. */
async function reaches(process: NodeProcess, state: LocalNode['state']): Promise<boolean> {
  const limit = performance.now() + obeyLimitMs;
  while ((await stateOf(process)) !== state) {
    if (performance.now() > limit) return false;
    await delay(2);
  }
  return true;
}

/** Asked of the kernel: a person at a terminal may have stopped it, too. */
async function stateOf(process: NodeProcess | undefined): Promise<LocalNode['state']> {
  if (process === undefined || process.hasExited()) return 'ended';
  // proc(5): the process id, the name of the program in parentheses, the state.
  const stat = await readFile(`/proc/${process.pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T') ? 'frozen' : 'running';
}
