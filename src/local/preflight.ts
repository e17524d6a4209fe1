import { type Address, formatAddress } from '../cluster-config/address.js';
import type { ClusterDefinition } from '../cluster-config/read.js';
import type { Configuration } from '../configuration.js';
import { ConfigError, OperatorError } from '../operator-error.js';
import { findObstacle } from './data-directory.js';
import { nodeDirectory } from './node-command.js';
import { probePort } from './ports.js';
import type { TarantoolBinary } from './tarantool-binary.js';

/**
 * The nodes that a launcher runs take their users from the same configuration: another login cannot be right.
 * @throws ConfigError
 */
export function checkLogin({ cluster, login }: Configuration): void {
  const configured = cluster.users.get(login.user);
  // Null: the nodes have it from elsewhere, and we cannot know better.
  if (configured === null || configured === login.password) return;
  const problem =
    configured === undefined
      ? `${cluster.path} has no such user: set TARANTOOL_USER to one of ${[...cluster.users.keys()].join(', ')}`
      : `TARANTOOL_PASSWORD is not the password that ${cluster.path} has for it: unset TARANTOOL_PASSWORD, or change it there`;
  throw new ConfigError(`The nodes would refuse user ${JSON.stringify(login.user)}`, [problem]);
}

/** What is going to be started. */
export interface Plan {
  readonly cluster: ClusterDefinition;
  readonly dataDir: string;
  readonly tarantool: TarantoolBinary;
  /** Where the gateway will listen; null when the nodes are started alone. */
  readonly gateway: Address | null;
}

/**
 * Looks at all that would stop the nodes or the gateway from starting, so that it is told at once and nothing is
 * started in vain. Rejects with OperatorError. What changes between here and the start is told by the process itself.
 */
export async function checkPlan({ cluster, dataDir, tarantool, gateway }: Plan): Promise<void> {
  const findings = await Promise.all([
    gateway === null ? null : checkGatewayPort(gateway),
    ...cluster.nodes.flatMap(({ name, listen }) => listen.map((address) => checkNodePort(name, address))),
    ...cluster.nodes.map(({ name }) => findObstacle(nodeDirectory(dataDir, name), tarantool)),
  ]);
  const problems = findings.filter((finding) => finding !== null);
  if (problems.length > 0) throw new OperatorError('Nothing was started', problems);
}

async function checkGatewayPort(address: Address): Promise<string | null> {
  if (address.port === 0) return null;
  const state = await probePort(address);
  const place = formatAddress(address);
  if (state.kind === 'free') return null;
  return state.kind === 'taken'
    ? `the gateway's address ${place} is in use by another process: stop that one, or set PORT to a free port`
    : `the gateway cannot listen on ${place} (${state.reason}): set HOST to an address of this machine and PORT to a port that you may use`;
}

async function checkNodePort(name: string, address: Address): Promise<string | null> {
  const state = await probePort(address);
  const place = formatAddress(address);
  if (state.kind === 'free') return null;
  if (state.kind === 'impossible') {
    return `${name} cannot listen on ${place} (${state.reason}): npm start runs all nodes of CLUSTER_CONFIG on this machine; for nodes elsewhere use npm run gateway`;
  }
  return state.byTarantool
    ? `${name} is already running, or another Tarantool is: one answers on ${place}. Stop it, or use it as it is with npm run gateway`
    : `the address ${place} of ${name} is in use by another process: stop that one, or give the node another in CLUSTER_CONFIG`;
}
