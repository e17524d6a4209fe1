import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import { ConfigError } from '../operator-error.js';
import { type ReplicaSetDefinition, defineReplicaSet } from './definition.js';

/** The cluster that a config.yaml describes. */
export interface ClusterDefinition extends ReplicaSetDefinition {
  /** Absolute path of the file. */
  readonly path: string;
}

/** Who logs in to the nodes. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/**
 * Reads the Tarantool 3 configuration at `path`.
 * Rejects with ConfigError, which has all that is wrong with it and never a password.
 */
export async function readClusterConfig(path: string): Promise<ClusterDefinition> {
  return parseClusterConfig(path, await readConfigText(path));
}

/**
 * The cluster that the text of the file at `path` describes.
 * @throws ConfigError as {@link readClusterConfig}
 */
export function parseClusterConfig(path: string, text: string): ClusterDefinition {
  const definition = defineReplicaSet(parse(path, text));
  if (definition.kind === 'invalid') throw refuse(path, definition.problems);
  return { path, ...definition.replicaSet };
}

/**
 * The login to use: the password given, else the one in the configuration.
 * @throws ConfigError when the configuration does not have it
 */
export function chooseLogin(
  cluster: ClusterDefinition,
  wanted: { user: string; password: string | null },
): Login {
  const { user } = wanted;
  if (wanted.password !== null) return { user, password: wanted.password };
  const password = cluster.users.get(user);
  if (password === undefined) {
    const known = [...cluster.users.keys()].join(', ') || 'none';
    throw refuse(cluster.path, [
      `it has no user ${JSON.stringify(user)} (credentials.users: ${known}): add it there, or set TARANTOOL_USER and TARANTOOL_PASSWORD`,
    ]);
  }
  if (password === null) {
    throw refuse(cluster.path, [
      `it has no password for user ${JSON.stringify(user)}: set TARANTOOL_PASSWORD`,
    ]);
  }
  return { user, password };
}

/** The text of a configuration. Rejects with ConfigError. */
export async function readConfigText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a folder, not a file'
          : `it cannot be read (${String(code)})`;
    throw refuse(path, [`${reason}: set CLUSTER_CONFIG to the path of a Tarantool 3 config.yaml`], error);
  }
}

function parse(path: string, text: string): unknown {
  const lines = new LineCounter();
  // Pretty errors quote the line, which may hold a password.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const problems = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return `line ${line}, column ${col}: ${error.message}`;
  });
  if (problems.length > 0) throw refuse(path, [`it is not YAML: ${problems.join('; ')}`]);
  return document.toJS();
}

function refuse(path: string, problems: readonly string[], cause?: unknown): ConfigError {
  return new ConfigError(`The cluster configuration ${path} cannot be used`, problems, { cause });
}
