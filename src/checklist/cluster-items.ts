import { quorumOf } from '../replicaset/leadership.js';
import { whyNotWritable } from '../topology-text.js';
import {
  type AnsweringNode,
  type ClusterFacts,
  answeringNodes,
  diagnosedNodes,
  groupBy,
  leadershipOf,
  namesOf,
} from './cluster-facts.js';
import { type Finding, type Item, ok, problem, warning } from './finding.js';
import { explainSilence } from './silent-node.js';

/** Rows this old are told of: reads of replicas are as old, and a change of leader to such a node is refused. */
const longestLagSeconds = 5;

/** How the nodes stand now. What no node could tell has no finding: why, others say. */
export const clusterItems: Readonly<Record<string, Item<ClusterFacts>>> = {
  nodes: {
    rule: 'Every node answers, and lets the gateway in.',
    look: ({ nodes, login }) =>
      nodes.map((node) =>
        node.answer.kind === 'answered'
          ? ok(`${node.name} at ${node.uri} answers in ${node.answer.roundTripMs.toFixed(1)} ms`)
          : explainSilence(node, node.answer, login.user),
      ),
  },
  leader: {
    rule: 'One node leads and is writable.',
    look: (facts) => {
      const { state, term, leader, views } = leadershipOf(facts);
      const reason = whyNotWritable({ state, nodes: views, quorum: quorumOf(views) });
      return reason === null
        ? ok(`${leader} leads term ${term}`)
        : problem(reason, 'see NoLeader in docs/runbook.md');
    },
  },
  quorum: {
    rule: 'A majority answers, and would do so with one node less. Every node asks for a majority of these nodes.',
    look: (facts) => [lookAtVoters(facts), ...otherQuorums(facts)],
  },
  replication: {
    rule: 'Every node follows every other, and is not behind.',
    look: (facts) => {
      const nodes = answeringNodes(facts);
      const found = nodes.flatMap((node) => lookAtLinks(node, nodes));
      if (found.length > 0 || nodes.length === 0) return found;
      return ok(
        `all that answer follow each other, ${(1000 * Math.max(0, ...lagsOf(nodes))).toFixed(1)} ms behind at most`,
      );
    },
  },
  version: {
    rule: 'All nodes run one version of Tarantool, and one that is for production.',
    look: (facts) => {
      const versions = groupBy(answeringNodes(facts), ({ status }) => status.version.replace(/-.*$/, ''));
      if (versions.size > 1) {
        const which = [...versions].map(([each, nodes]) => `${each} on ${namesOf(nodes)}`).join(', ');
        return warning(`Tarantool ${which}`, 'finish the upgrade, one node at a time');
      }
      return [...versions.keys()].map((version) =>
        version.startsWith('2.')
          ? warning(`all run Tarantool ${version}, which is for development`, 'run Tarantool 3 in production')
          : ok(`all run Tarantool ${version}`),
      );
    },
  },
};

function lookAtVoters(facts: ClusterFacts): Finding {
  const all = facts.nodes.length;
  const answering = answeringNodes(facts).length;
  const needed = quorumOf(facts.nodes);
  const told = `${answering} of ${all} answer, ${needed} are needed`;
  const start = 'start those that are down';
  if (answering < needed) return problem(told, start);
  if (answering > needed) return ok(`${told}: ${answering - needed} more may be lost`);
  return warning(`${told}: none may be lost now`, all === answering ? 'run three nodes or five' : start);
}

/** Nodes whose own idea of a majority is another: they have other members, or a number in place of `N / 2 + 1`. */
function otherQuorums(facts: ClusterFacts): readonly Finding[] {
  const needed = quorumOf(facts.nodes);
  return diagnosedNodes(facts).flatMap(({ name, diagnosis: { quorum } }) =>
    quorum === null || quorum === needed
      ? []
      : [
          problem(
            `${name} takes ${quorum} of the nodes for a majority, and CLUSTER_CONFIG has ${facts.nodes.length}`,
            'give nodes and gateway the same config.yaml, with replication.synchro_quorum: N / 2 + 1, and expel members that are gone',
          ),
        ],
  );
}

/** What is wrong with the rows that a node is to get from the others that answer: why the rest do not is told elsewhere. */
function lookAtLinks({ name, status }: AnsweringNode, all: readonly AnsweringNode[]): readonly Finding[] {
  const mend = 'see ReplicationStopped in docs/runbook.md';
  return all.flatMap((peer): readonly Finding[] => {
    if (peer.name === name) return [];
    const link = status.replication.find((candidate) => candidate.peer === peer.name);
    if (link === undefined)
      return [problem(`${name} does not know of ${peer.name}`, 'give all nodes the same config.yaml')];
    const { upstream } = link;
    if (upstream === null || !['follow', 'sync'].includes(upstream.status)) {
      const what = upstream === null ? 'no connection' : (upstream.message ?? upstream.status);
      return [problem(`${name} takes no rows from ${peer.name}: ${what}`, mend)];
    }
    const lag = upstream.lagSeconds ?? 0;
    return lag > longestLagSeconds
      ? [
          warning(
            `${name} is ${Math.round(lag)} s behind ${peer.name}`,
            'see ReplicationLags in docs/runbook.md',
          ),
        ]
      : [];
  });
}

const lagsOf = (nodes: readonly AnsweringNode[]): readonly number[] =>
  nodes.flatMap(({ status }) => status.replication.flatMap(({ upstream }) => upstream?.lagSeconds ?? []));
