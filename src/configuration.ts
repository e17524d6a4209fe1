import { type ClusterDefinition, type Login, chooseLogin, readClusterConfig } from './cluster-config/read.js';
import { ConfigError } from './operator-error.js';
import { packageRoot } from './package-root.js';
import { readPasswordFile } from './password-file.js';
import { type Settings, parseSettings } from './settings.js';
import type { TrustedManifest } from './http/trusted-documents.js';
import { readTrustedManifest } from './trusted-manifest.js';

/** All that is known before anything is started. */
export interface Configuration {
  readonly settings: Settings;
  readonly cluster: ClusterDefinition;
  readonly login: Login;
  /** Null where every document may be run. */
  readonly trustedManifest: TrustedManifest | null;
  /** What may be meant so, but will surprise somebody. */
  readonly warnings: readonly string[];
}

/** Reads the environment and the files that it names. Rejects with ConfigError, also when the two contradict each other. */
export async function readConfiguration(environment: NodeJS.ProcessEnv): Promise<Configuration> {
  const settings = parseSettings(environment, { cwd: process.cwd(), packageRoot });
  const cluster = await readClusterConfig(settings.clusterConfig);
  const { tarantoolUser: user, tarantoolPassword, tarantoolPasswordFile: file } = settings;
  const password = file === null ? tarantoolPassword : await readPasswordFile(file);
  const login = chooseLogin(cluster, { user, password });
  refuseContradictions(settings, cluster);
  const trustedManifest = await readTrustedManifest(settings);
  return { settings, cluster, login, trustedManifest, warnings: warningsAbout(settings, cluster) };
}

/**
 * A write may be repeated until its deadline; a cluster that has forgotten it by then would apply it twice.
 * @throws ConfigError
 */
export function refuseContradictions(
  { requestTimeoutMs }: Settings,
  { timing, path }: ClusterDefinition,
): void {
  if (requestTimeoutMs <= timing.outcomesKeptMs) return;
  throw new ConfigError('The settings contradict each other', [
    `REQUEST_TIMEOUT_MS is ${requestTimeoutMs}, but the nodes keep the outcomes of writes for ${timing.outcomesKeptMs} ms only: lower it, or raise keep_outcomes_for (seconds) under roles_cfg["roles.employees"] in ${path}`,
  ]);
}

function warningsAbout({ requestTimeoutMs }: Settings, { timing }: ClusterDefinition): readonly string[] {
  return requestTimeoutMs >= timing.failoverMs
    ? []
    : [
        `REQUEST_TIMEOUT_MS is ${requestTimeoutMs}, and a failover may take ${Math.round(timing.failoverMs)} ms when a leader freezes: some requests will fail then`,
      ];
}
