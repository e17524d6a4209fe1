import type { Address } from '../cluster-config/address.js';
import type { Configuration } from '../configuration.js';
import { OperatorError } from '../operator-error.js';
import type { NodeView } from '../replicaset/view.js';
import type { DrilledCluster, Victim } from './drilled-cluster.js';
import { findLauncher, whyNotOurs } from './processes.js';

/** The cluster of CLUSTER_CONFIG, which somebody else runs. */
export function joinRunningCluster(configuration: Configuration): DrilledCluster {
  const addresses = new Map(configuration.cluster.nodes.map((node) => [node.name, node]));
  return {
    kind: 'running',
    configuration,
    findVictim: (node) => findProcess(node, addresses.get(node.name)),
    stop: async () => undefined,
  };
}

async function findProcess({ name, status }: NodeView, address: Address | undefined): Promise<Victim> {
  const pid = status?.pid ?? null;
  if (pid === null || address === undefined)
    throw leaveAlone(name, 'it does not tell its process: start the nodes again with the present code');
  const obstacle = await whyNotOurs(pid, address);
  if (obstacle !== null) throw leaveAlone(name, obstacle);
  const launcher = await findLauncher(pid);
  return {
    name,
    pid,
    reviver: launcher === null ? null : `its launcher (process ${launcher})`,
    strike: (strike) => void process.kill(pid, strike),
    revive: async (strike) => {
      if (strike === 'SIGSTOP') process.kill(pid, 'SIGCONT');
      // It starts every node that is not running (src/local/launch.ts).
      else if (launcher !== null) process.kill(launcher, 'SIGUSR2');
    },
  };
}

const leaveAlone = (name: string, reason: string): OperatorError =>
  new OperatorError(`Nothing was killed. ${name} leads, but it cannot be killed from here`, [reason]);
