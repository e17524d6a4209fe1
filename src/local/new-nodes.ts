import { readClusterConfig } from '../cluster-config/read.js';
import type { Configuration } from '../configuration.js';
import { createNodeDirectories } from './data-directory.js';
import type { LocalNodes } from './local-nodes.js';
import { nodeCommand } from './node-command.js';
import type { TarantoolBinary } from './tarantool-binary.js';

/**
 * Has those nodes, too, that config.yaml has got since it was read. Resolves to the names of all that are in it now; starts
 * nothing. Rejects with OperatorError.
 */
export async function addNewNodes(
  nodes: LocalNodes,
  { configuration, tarantool }: { configuration: Configuration; tarantool: TarantoolBinary },
): Promise<readonly string[]> {
  const { path: configPath } = configuration.cluster;
  const { dataDir } = configuration.settings;
  const names = (await readClusterConfig(configPath)).nodes.map(({ name }) => name);
  const added = names.filter((name) => !nodes.names.includes(name));
  await createNodeDirectories(dataDir, added);
  for (const name of added) nodes.add(nodeCommand(tarantool, { name, configPath, dataDir }, process.env));
  return names;
}
