import type { Configuration } from '../configuration.js';
import type { Clock } from '../clock.js';
import { type Leadership, decideLeadership } from '../replicaset/leadership.js';
import type { NodeView } from '../replicaset/view.js';
import { NodeError } from '../tarantool/errors.js';
import type { NodeDiagnosis } from '../tarantool/node-diagnosis.js';
import { type Answer, type NodeFacts, askNode } from './ask-node.js';

/** All that the nodes and the settings say of each other. */
export interface ClusterFacts extends Pick<Configuration, 'settings' | 'cluster' | 'login'> {
  readonly nodes: readonly NodeFacts[];
}

/** A node that answered. */
export interface AnsweringNode extends Answer {
  readonly name: string;
}

/** A node that told how it is set up. */
export interface DiagnosedNode extends AnsweringNode {
  readonly diagnosis: NodeDiagnosis;
}

/** Asks every node at once. Always resolves, within some seconds. */
export async function gatherClusterFacts(configuration: Configuration, clock: Clock): Promise<ClusterFacts> {
  const { settings, cluster, login } = configuration;
  const nodes = await Promise.all(cluster.nodes.map((node) => askNode(node, login, clock)));
  return { settings, cluster, login, nodes };
}

export const answeringNodes = ({ nodes }: ClusterFacts): readonly AnsweringNode[] =>
  nodes.flatMap(({ name, answer }) => (answer.kind === 'answered' ? [{ name, ...answer }] : []));

export const diagnosedNodes = (facts: ClusterFacts): readonly DiagnosedNode[] =>
  answeringNodes(facts).flatMap(({ diagnosis, ...node }) =>
    diagnosis instanceof NodeError ? [] : [{ ...node, diagnosis }],
  );

/** Who leads, decided as the gateway would from these answers. */
export function leadershipOf({ nodes }: ClusterFacts): Leadership & { readonly views: readonly NodeView[] } {
  const views = nodes.map(({ name, uri, answer }): NodeView => ({
    name,
    uri,
    reach: answer.kind === 'answered' ? 'reachable' : 'unreachable',
    status: answer.kind === 'answered' ? answer.status : null,
    problem: null,
    lastSeenAt: null,
  }));
  return { ...decideLeadership(views, { term: 0, leaderOfTerm: null, refusals: null }, 0), views };
}

export const namesOf = (nodes: readonly { readonly name: string }[]): string =>
  nodes.map(({ name }) => name).join(', ');

/** The nodes with the same key, by it, in their order. */
export function groupBy<Node>(
  nodes: readonly Node[],
  keyOf: (node: Node) => string,
): ReadonlyMap<string, readonly Node[]> {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) groups.set(keyOf(node), [...(groups.get(keyOf(node)) ?? []), node]);
  return groups;
}
