import { stat } from 'node:fs/promises';
import { isSymmetric, type Algorithm } from '../access/algorithms.js';
import { readKeyFile } from '../access/open-authenticator.js';
import { shippedLogins } from '../cluster-config/shipped-logins.js';
import type { Configuration } from '../configuration.js';

/** A file that the settings name, and who may do what with it. */
export interface WatchedFile {
  /** The setting that names it. */
  readonly setting: string;
  readonly path: string;
  /** Whether who reads it can do harm. Whoever writes it always can. */
  readonly isSecret: boolean;
  /** The bits of its mode. */
  readonly mode: number;
}

/** All that the checklist looks at. */
export interface Facts extends Configuration {
  /** How tokens may be signed; empty when there are none. */
  readonly algorithms: readonly Algorithm[];
  readonly files: readonly WatchedFile[];
}

/** Looks at the files behind a configuration. Rejects with ConfigError when the gateway could not use one of them. */
export async function gatherFacts(configuration: Configuration): Promise<Facts> {
  const { settings, cluster, trustedManifest } = configuration;
  const { jwtKeyFile, jwtJwksUrl, jwtAlgorithms, tarantoolPasswordFile } = settings;
  const ofUrl = jwtJwksUrl === null ? [] : jwtAlgorithms;
  const algorithms = jwtKeyFile === null ? ofUrl : (await readKeyFile(jwtKeyFile, jwtAlgorithms)).algorithms;
  const hasOwnPasswords = [...cluster.users].some(
    ([user, password]) => password !== null && password !== shippedLogins.get(user),
  );
  const named = [
    { setting: 'TARANTOOL_PASSWORD_FILE', path: tarantoolPasswordFile, isSecret: true },
    { setting: 'JWT_KEY_FILE', path: jwtKeyFile, isSecret: algorithms.some(isSymmetric) },
    {
      setting: 'TRUSTED_DOCUMENTS_MANIFEST',
      path: trustedManifest === null ? null : settings.trustedDocumentsManifest,
      isSecret: false,
    },
    { setting: 'CLUSTER_CONFIG', path: cluster.path, isSecret: hasOwnPasswords },
  ];
  const files = await Promise.all(
    named.map(async ({ path, ...rest }) =>
      path === null ? [] : [{ ...rest, path, mode: (await stat(path)).mode }],
    ),
  );
  return { ...configuration, algorithms, files: files.flat() };
}
