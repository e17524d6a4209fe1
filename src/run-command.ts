import { watchNpm } from './npm-parent.js';
import { OperatorError } from './operator-error.js';

/** How a command hears that it is to end. */
export interface Ending {
  /** Aborted by SIGINT, SIGTERM or, unless `onHangUp` is replaced, SIGHUP, or when the npm that runs us is gone: stop in order. */
  readonly signal: AbortSignal;
  /** Called on a second signal, right before the process exits: end everything now. */
  onForced: () => void;
  /** Called on SIGHUP. Until it is replaced: as any signal to end. */
  onHangUp: () => void;
}

/**
 * npm passes on a Ctrl-C that the terminal has sent to us as well: what comes this soon after the first is the same one.
 */
const sameSignalMs = 500;

/**
 * Runs a command of the command line to its end and sets the exit code: what the command resolves to, 0 when it was
 * asked to stop, 1 when it failed. An {@link OperatorError} is printed as it is, anything else with its stack.
 */
export async function runCommand(command: (ending: Ending) => Promise<number>): Promise<void> {
  const stopping = new AbortController();
  const ending: Ending = { signal: stopping.signal, onForced: () => {}, onHangUp: () => ask() };
  let askedAt: number | null = null;
  const ask = (): void => {
    const now = performance.now();
    if (askedAt !== null && now - askedAt > sameSignalMs) {
      ending.onForced();
      process.exit(1);
    }
    askedAt ??= now;
    stopping.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const hangUp = (): void => ending.onHangUp();
  for (const signal of signals) process.on(signal, ask);
  process.on('SIGHUP', hangUp);
  const unwatchNpm = watchNpm(() => stopping.abort());
  // Whoever read our output may be gone; that must not keep us from stopping in order.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  try {
    process.exitCode = await command(ending);
  } catch (error) {
    process.exitCode = stopping.signal.aborted && isAbort(error) ? 0 : 1;
    if (process.exitCode !== 0) process.stderr.write(`${describe(error)}\n`);
  } finally {
    unwatchNpm();
    for (const signal of signals) process.off(signal, ask);
    process.off('SIGHUP', hangUp);
  }
}

/**
 * What `read` makes of arguments or settings; null when nothing can be made of them, which was said then: the command is to
 * end with 2. Rejects with whatever is not an OperatorError.
 */
export async function readOrTell<T>(read: () => T | Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return null;
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function describe(error: unknown): string {
  if (error instanceof OperatorError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
