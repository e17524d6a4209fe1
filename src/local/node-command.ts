import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../package-root.js';
import type { TarantoolBinary } from './tarantool-binary.js';

/** How to start one node. */
export interface NodeCommand {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** The Tarantool application: its roles are found by `require` from here. */
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  /** What the process prints is appended here. */
  readonly logPath: string;
}

/** The node `name` of the configuration at `configPath`, with its data below `dataDir`. Both paths are absolute. */
export interface NodePlace {
  readonly name: string;
  readonly configPath: string;
  readonly dataDir: string;
  /** The folder of the Tarantool application; ours unless it is given. */
  readonly application?: string;
}

/** The Tarantool application that belongs to this version. */
export const ownApplication = join(packageRoot, 'cluster/instances.enabled/employees');

/** The folder of one node's data, log and pid file. */
export const nodeDirectory = (dataDir: string, name: string): string => join(dataDir, name);

/** The command for either engine: both read the same config.yaml, and the same TT_ variables override it. */
export function nodeCommand(
  binary: TarantoolBinary,
  { name, configPath, dataDir, application = ownApplication }: NodePlace,
  environment: NodeJS.ProcessEnv,
): NodeCommand {
  const script = binary.engine === 'tarantool2' ? [join(application, 'tarantool2/start.lua')] : [];
  const directory = nodeDirectory(dataDir, name);
  return {
    name,
    program: binary.path,
    args: [...script, '--name', name, '--config', configPath],
    cwd: application,
    environment: {
      ...forNodes(environment),
      TT_WAL_DIR: directory,
      TT_SNAPSHOT_DIR: directory,
      TT_VINYL_DIR: directory,
      TT_PROCESS_PID_FILE: join(directory, 'tarantool.pid'),
      TT_CONSOLE_SOCKET: consoleSocket(directory),
    },
    logPath: join(directory, 'node.log'),
  };
}

/**
 * Somebody's TT_ variables would override the configuration of every node at once. The gateway's password is the gateway's:
 * an environment can be read in /proc, and is inherited by whatever a process starts.
 */
function forNodes(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => !name.startsWith('TT_') && !name.startsWith('TARANTOOL_PASSWORD'),
    ),
  );
}

/** The path of a unix socket has 107 bytes at most (unix(7)). */
function consoleSocket(directory: string): string {
  const path = join(directory, 'control.sock');
  if (Buffer.byteLength(path) <= 107) return path;
  const digest = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  return join(tmpdir(), `tarantool-${digest}.sock`);
}
