import { readFile } from 'node:fs/promises';

/** What a process has used. */
export interface ProcessUsage {
  /** Of all its threads, in user and in system mode. */
  readonly cpuMs: number;
  /** Memory that is in RAM. */
  readonly residentBytes: number;
}

/** The kernel counts in hundredths of a second for programs (USER_HZ), whatever it counts in itself. */
const msPerTick = 10;

/** Of a process and those that it has started, as the kernel tells it (proc(5)). Rejects when there is no such process. */
export async function readUsage(pid: number): Promise<ProcessUsage> {
  const [stat, status, children] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'),
  ]);
  const started = children.split(' ').filter((child) => child !== '');
  const usages = await Promise.all(started.map((child) => readUsage(Number(child))));
  return [parseUsage(stat, status), ...usages].reduce((sum, usage) => ({
    cpuMs: sum.cpuMs + usage.cpuMs,
    residentBytes: sum.residentBytes + usage.residentBytes,
  }));
}

export function parseUsage(stat: string, status: string): ProcessUsage {
  // "pid (name) state ppid ...": the name may hold anything, parentheses and spaces too. utime is the 14th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const kilobytes = Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]);
  return { cpuMs: ticks * msPerTick, residentBytes: kilobytes * 1024 };
}
