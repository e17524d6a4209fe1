import { readFileSync } from 'node:fs';

/** What the kernel tells of a process (proc(5)). */
interface ProcessStat {
  readonly name: string;
  readonly parent: number;
  /** Seconds after the machine was started. */
  readonly startedAt: number;
}

const pollMs = 500;

/**
 * The npm that runs this process as a script, or null. npm starts scripts through a shell, which may stay between the
 * two. Known on Linux only.
 */
export function findNpm(): ProcessStat | null {
  if (process.env['npm_lifecycle_event'] === undefined) return null;
  const parent = readStat(process.ppid);
  return parent !== null && isShell(parent) ? readStat(parent.parent) : parent;
}

/** Calls back when the npm that runs us is gone: its SIGKILL does not reach us. Returns the way to stop. */
export function watchNpm(onGone: () => void): () => void {
  if (process.env['npm_lifecycle_event'] === undefined) return () => {};
  const lineage = describeLineage();
  const timer = setInterval(() => describeLineage() !== lineage && onGone(), pollMs).unref();
  return () => clearInterval(timer);
}

/** An orphan gets another parent. The shell's own parent is npm; beyond npm, nobody's end concerns us. */
function describeLineage(): string {
  const parent = readStat(process.ppid);
  return [process.ppid, parent !== null && isShell(parent) ? parent.parent : ''].join();
}

const isShell = ({ name }: ProcessStat): boolean => /^(?:[a-z]*sh|busybox)$/.test(name);

function readStat(pid: number): ProcessStat | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // "pid (name) state ppid ...": the name may hold anything, parentheses and spaces too.
    const nameEnd = stat.lastIndexOf(')');
    const fields = stat.slice(nameEnd + 2).split(' ');
    return {
      name: stat.slice(stat.indexOf('(') + 1, nameEnd),
      parent: Number(fields[1]),
      // The 22nd field, in hundredths of a second.
      startedAt: Number(fields[19]) / 100,
    };
  } catch {
    return null;
  }
}
