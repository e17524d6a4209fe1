import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Puts a command on a leash: what it starts does not outlive this process. */
export type Leash = (command: readonly string[]) => readonly string[];

/** For systems that have nothing of the kind: nodes then outlive a launcher that is killed with SIGKILL. */
export const unleashed: Leash = (command) => command;

/**
 * `setpriv` (util-linux) asks the kernel to kill the node when the thread that started it is gone. Node starts children
 * from its main thread, so that is our own death, however it comes; a frozen node is killed, too. The shell closes the
 * gap before that: should we have died already, the process has another parent by then. Both replace themselves, so the
 * node keeps the process id that `spawn` returned.
 */
const dieWithParent = 'setpriv --pdeathsig KILL -- /bin/sh -c'.split(' ');
const unlessOrphaned = 'test "$PPID" = "$0" && exec "$@"';
const leash: Leash = (command) => [...dieWithParent, unlessOrphaned, String(process.pid), ...command];

/** The leash, if this system has one that works. */
export async function findLeash(): Promise<Leash> {
  const [program = '', ...args] = leash(['/bin/sh', '-c', ':']);
  return promisify(execFile)(program, args).then(
    () => leash,
    () => unleashed,
  );
}
