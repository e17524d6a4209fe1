import { type ClusterDefinition, type Login, chooseLogin, readClusterConfig } from './cluster-config/read.js';
import { packageRoot } from './package-root.js';
import { type Settings, parseSettings } from './settings.js';

/** All that is known before anything is started. */
export interface Configuration {
  readonly settings: Settings;
  readonly cluster: ClusterDefinition;
  readonly login: Login;
}

/** Reads the environment and the files that it names. Rejects with ConfigError. */
export async function readConfiguration(environment: NodeJS.ProcessEnv): Promise<Configuration> {
  const settings = parseSettings(environment, { cwd: process.cwd(), packageRoot });
  const cluster = await readClusterConfig(settings.clusterConfig);
  const login = chooseLogin(cluster, {
    user: settings.tarantoolUser,
    password: settings.tarantoolPassword,
  });
  return { settings, cluster, login };
}
