import { type Address, formatAddress, isWildcard, parseAddress } from './address.js';
import { type ConfigMap, asMap, fillTemplate, hasTemplate, isMap, mergeScopes, valueAt } from './scopes.js';
import { type ClusterTiming, timingOf } from './timing.js';

/** One node of the replica set, as its configuration has it. */
export interface NodeDefinition extends Address {
  readonly name: string;
  /** Where its process binds: `host` and `port` are for clients and may differ. */
  readonly listen: readonly Address[];
}

/** What a configuration says of the one replica set in it. */
export interface ReplicaSetDefinition {
  readonly name: string;
  /** In the order of the file. */
  readonly nodes: readonly NodeDefinition[];
  /** Password of each user; null when there is none, or when it is not written in the file. */
  readonly users: ReadonlyMap<string, string | null>;
  readonly timing: ClusterTiming;
}

interface Instance {
  readonly name: string;
  /** All that holds for it, from every scope. */
  readonly options: ConfigMap;
  readonly variables: Readonly<Record<string, string>>;
}

/** A definition, or everything that is wrong with the document: never half of each. */
export type Definition =
  | { readonly kind: 'valid'; readonly replicaSet: ReplicaSetDefinition }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Reads the replica set out of a parsed config.yaml. Any number of nodes, any names. */
export function defineReplicaSet(document: unknown): Definition {
  if (!isMap(document)) return invalid('it is not a mapping: it must have "groups" at its top level');
  const replicaSets = findReplicaSets(document);
  const [replicaSet, ...others] = replicaSets;
  if (replicaSet === undefined) {
    return invalid('it defines no instances: list them under groups.<group>.replicasets.<name>.instances');
  }
  if (others.length > 0) {
    const names = replicaSets.map(({ name }) => name).join(', ');
    return invalid(
      `it has instances in ${replicaSets.length} replica sets (${names}): the gateway serves exactly one`,
    );
  }

  const problems: string[] = [];
  const nodes = replicaSet.instances.map((instance) =>
    defineNode(instance, (problem) => problems.push(problem)),
  );
  const defined = nodes.filter((node) => node !== null);
  problems.push(...findDuplicates(defined));
  const failover = replicaSet.instances.map(({ options }) => valueAt(options, 'replication', 'failover'));
  if (failover.some((mode) => mode !== 'election')) {
    problems.push('replication.failover must be "election" for every instance: the nodes elect their leader');
  }
  if (problems.length > 0) return { kind: 'invalid', problems };
  return {
    kind: 'valid',
    replicaSet: {
      name: replicaSet.name,
      nodes: defined,
      users: usersOf(replicaSet.instances),
      timing: timingOf(replicaSet.instances.map(({ options }) => options)),
    },
  };
}

const invalid = (problem: string): Definition => ({ kind: 'invalid', problems: [problem] });

/** Replica sets without instances do not count: Tarantool starts nothing for them either. */
function findReplicaSets(document: ConfigMap): { name: string; instances: Instance[] }[] {
  const { groups, ...everywhere } = document;
  return Object.entries(asMap(groups)).flatMap(([groupName, groupBody]) => {
    const { replicasets, ...group } = asMap(groupBody);
    return Object.entries(asMap(replicasets)).flatMap(([name, body]) => {
      const { instances, ...replicaSet } = asMap(body);
      const found = Object.entries(asMap(instances)).map(([instanceName, own]) => ({
        name: instanceName,
        options: mergeScopes(everywhere, group, replicaSet, asMap(own)),
        variables: { instance_name: instanceName, replicaset_name: name, group_name: groupName },
      }));
      return found.length === 0 ? [] : [{ name, instances: found }];
    });
  });
}

function defineNode(instance: Instance, report: (problem: string) => void): NodeDefinition | null {
  const { name } = instance;
  // It becomes the name of a folder, too.
  if (!/^[A-Za-z0-9][\w.-]{0,62}$/.test(name)) {
    report(
      `${JSON.stringify(name)} is no name for an instance: use letters, digits, "_", "-", "." (63 at most)`,
    );
    return null;
  }
  const read = (option: string, uri: unknown): Address | null => {
    const text = fillTemplate(asText(uri), instance.variables);
    const address = hasTemplate(text) ? 'its template cannot be filled in' : parseAddress(text);
    if (typeof address !== 'string') return address;
    report(
      `${name}: ${option} ${text.includes('@') ? '' : `${JSON.stringify(text)} `}cannot be used, ${address}`,
    );
    return null;
  };

  const listed = valueAt(instance.options, 'iproto', 'listen');
  const uris = Array.isArray(listed) ? listed.map((entry) => asMap(entry)['uri']) : [];
  const listen = uris.map((uri) => read('iproto.listen', uri));
  if (listen.includes(null)) return null;
  const bound = listen.filter((address) => address !== null);

  const advertised = valueAt(instance.options, 'iproto', 'advertise', 'client');
  if (advertised !== undefined) {
    const address = read('iproto.advertise.client', advertised);
    return address === null ? null : { name, ...address, listen: bound };
  }
  const address = bound.find((candidate) => !isWildcard(candidate));
  if (address !== undefined) return { name, ...address, listen: bound };
  const everywhere = bound[0];
  report(
    everywhere === undefined
      ? `${name} has no address: give it iproto.listen, such as [{uri: "127.0.0.1:3301"}]`
      : `${name} listens on every interface (${formatAddress(everywhere)}): say in iproto.advertise.client where clients reach it`,
  );
  return null;
}

function findDuplicates(nodes: readonly NodeDefinition[]): string[] {
  const owners = new Map<string, string>();
  return nodes.flatMap((node) => {
    const uri = formatAddress(node);
    const owner = owners.get(uri);
    if (owner !== undefined) return [`${owner} and ${node.name} have the same address, ${uri}`];
    owners.set(uri, node.name);
    return [];
  });
}

function usersOf(instances: readonly Instance[]): ReadonlyMap<string, string | null> {
  const users = new Map<string, string | null>();
  for (const { options, variables } of instances) {
    for (const [user, body] of Object.entries(asMap(valueAt(options, 'credentials', 'users')))) {
      const password = fillTemplate(asText(asMap(body)['password']), variables);
      // Tarantool can take a secret from a file or its environment ({{ context.x }}): then it is not ours to know.
      users.set(user, password === '' || hasTemplate(password) ? null : password);
    }
  }
  return users;
}

/** YAML reads an unquoted 3301 as a number. */
function asText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
