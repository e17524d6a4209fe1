import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { OperatorError } from '../operator-error.js';
import type { Leash } from './leash.js';
import type { NodeCommand } from './node-command.js';

/** How a process ended: by itself, with a code, or by a signal. */
export interface NodeExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One running, or ended, process of a node. */
export interface NodeProcess {
  readonly name: string;
  readonly pid: number;
  readonly logPath: string;
  /** Resolves when the process is gone; never rejects. */
  readonly exited: Promise<NodeExit>;
  readonly hasExited: () => boolean;
  /** Does nothing to a process that is gone. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** The last lines that this process printed, without passwords. */
  readonly lastWords: () => Promise<string>;
}

/** A log beyond this is begun anew at a start: weeks of a quiet node, some hours of a very unhappy one. */
const maxLogBytes = 10 * 1024 * 1024;

/**
 * Starts a node on its leash, in a session of its own, so that Ctrl-C reaches the launcher alone. Rejects with
 * OperatorError when the program cannot be started; that the node then fails is told by `exited`.
 */
export async function startNode(command: NodeCommand, leash: Leash): Promise<NodeProcess> {
  const log = await open(command.logPath, 'a');
  try {
    const { size } = await log.stat();
    if (size > maxLogBytes) await log.truncate();
    const logStart = size > maxLogBytes ? 0 : size;
    const [program = '', ...args] = leash([command.program, ...command.args]);
    const child = spawn(program, args, {
      cwd: command.cwd,
      env: command.environment,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    let ended = false;
    const exited = new Promise<NodeExit>((resolve) => {
      child.once('exit', (code, signal) => {
        ended = true;
        resolve({ code, signal });
      });
    });
    await once(child, 'spawn');
    return {
      name: command.name,
      pid: child.pid ?? 0,
      logPath: command.logPath,
      exited,
      hasExited: () => ended,
      signal: (signal) => void (ended || child.kill(signal)),
      lastWords: () => readLastWords(command.logPath, logStart),
    };
  } catch (error) {
    throw new OperatorError(`${command.name} cannot be started`, [String(error)], { cause: error });
  } finally {
    await log.close();
  }
}

async function readLastWords(path: string, from: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = Math.max(from, size - 8_192);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - start)), 0, null, start);
    const lines = buffer.subarray(0, bytesRead).toString().trimEnd().split('\n').slice(-8);
    return withoutPasswords(lines.join('\n'));
  } finally {
    await file.close();
  }
}

/** A node may log the addresses of its peers: `replicator:secret@127.0.0.1:3301`. */
export function withoutPasswords(text: string): string {
  return text
    .replace(/:[^\s:@"'/]+@/g, ':***@')
    .replace(/("?password"?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,}]+)/gi, '$1***');
}
