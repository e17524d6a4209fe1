import type { Address } from '../cluster-config/address.js';
import type { Configuration } from '../configuration.js';
import type { ReleaseStack } from '../release-stack.js';
import type { Terminal } from '../terminal.js';
import { createNodeDirectories } from './data-directory.js';
import { lockDirectory } from './directory-lock.js';
import { findLeash, unleashed } from './leash.js';
import { LocalNodes } from './local-nodes.js';
import { nodeCommand } from './node-command.js';
import { checkPlan } from './preflight.js';
import type { TarantoolBinary } from './tarantool-binary.js';

/** What is to run: the nodes of a configuration, and the gateway at an address, unless that is null. */
export interface Wanted {
  readonly configuration: Configuration;
  readonly gateway: Address | null;
}

/** What it takes. */
export interface Means {
  readonly tarantool: TarantoolBinary;
  readonly terminal: Terminal;
  readonly releases: ReleaseStack;
}

/**
 * Makes sure that the nodes can start, and that nobody else starts them in the same data directory until `releases` are
 * released. Starts nothing. Rejects with OperatorError.
 */
export async function prepareNodes({ configuration, gateway }: Wanted, means: Means): Promise<LocalNodes> {
  const { tarantool, terminal, releases } = means;
  const { cluster, settings } = configuration;
  const { dataDir } = settings;
  const names = cluster.nodes.map(({ name }) => name);
  await createNodeDirectories(dataDir, names);
  releases.push(await lockDirectory(dataDir));
  await checkPlan({ cluster, dataDir, tarantool, gateway });
  const leash = await findLeash();
  if (leash === unleashed) {
    terminal.say('No setpriv (util-linux) here: a SIGKILL of this process leaves the nodes behind');
  }
  const place = { configPath: cluster.path, dataDir };
  return new LocalNodes(
    names.map((name) => nodeCommand(tarantool, { ...place, name }, process.env)),
    leash,
  );
}
