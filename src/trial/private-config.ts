import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { packageRoot } from '../package-root.js';

type Config = Record<string, unknown>;

/** Changes the shipped configuration. */
export type Adjust = (config: Config) => void;

/** Where the nodes listen, and where each is told that the others are. */
export interface Addresses {
  /** Port of each node, by its name. */
  readonly ports: ReadonlyMap<string, number>;
  /** Port at which `from` reaches `to`, if it is not the node's own; `from` is a node or `gateway`. */
  readonly linkPort?: (from: string, to: string) => number;
}

const shippedConfig = join(packageRoot, 'cluster/instances.enabled/employees/config.yaml');

/**
 * Writes the shipped configuration for nodes of other names and ports on this machine, as `reader` is to see it: a node
 * by its name, or `gateway`; null for nobody in particular, with each node at its own port.
 */
export async function writePrivateConfig(
  path: string,
  { reader, addresses, adjust }: { reader: string | null; addresses: Addresses; adjust: Adjust | undefined },
): Promise<void> {
  const config: Config = parse(await readFile(shippedConfig, 'utf8'));
  const { ports, linkPort } = addresses;
  const instances = [...ports].map(([name, port]): [string, object] => {
    const listen = [{ uri: `127.0.0.1:${port}` }];
    if (linkPort === undefined || reader === null || name === reader) return [name, { iproto: { listen } }];
    const uri = `127.0.0.1:${linkPort(reader, name)}`;
    const advertise = reader === gateway ? { client: uri } : { peer: { uri } };
    return [name, { iproto: { listen, advertise } }];
  });
  config['groups'] = {
    group001: { replicasets: { replicaset001: { instances: Object.fromEntries(instances) } } },
  };
  adjust?.(config);
  await writeFile(path, stringify(config));
}

/** What the gateway is called where nodes have names. */
export const gateway = 'gateway';
