import { join } from 'node:path';
import { chooseLogin } from '../cluster-config/read.js';
import type { TarantoolBinary } from '../local/tarantool-binary.js';
import type { Settings } from '../settings.js';
import { PrivateCluster } from '../trial/private-cluster.js';
import type { DrilledCluster } from './drilled-cluster.js';

/** Starts three nodes that belong to the drill, with their data and logs in `directory`. */
export async function startOwnCluster(
  tarantool: TarantoolBinary,
  { directory, settings }: { directory: string; settings: Settings },
): Promise<DrilledCluster> {
  const cluster = await PrivateCluster.start({ tarantool, directory: join(directory, 'cluster') });
  const { definition } = cluster;
  return {
    kind: 'own',
    configuration: {
      settings: { ...settings, clusterConfig: definition.path },
      cluster: definition,
      login: chooseLogin(definition, { user: 'gateway', password: null }),
      trustedManifest: null,
      warnings: [],
    },
    findVictim: async ({ name }) => ({
      name,
      pid: cluster.process(name).pid,
      reviver: 'the drill',
      strike: (strike) => cluster.process(name).signal(strike),
      revive: async (strike) => {
        if (strike === 'SIGSTOP') cluster.thaw(name);
        else await cluster.restart(name);
      },
    }),
    stop: () => cluster.stop(),
  };
}
