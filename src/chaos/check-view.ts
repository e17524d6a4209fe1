import type { NodeStatus } from '../tarantool/node-status.js';

/** The replica set, as a client of the gateway is told. */
export interface SeenTopology {
  readonly term: number;
  readonly leader: string | null;
  readonly unreachable: readonly string[];
}

/** Does the gateway say what the nodes say, and do all of them receive from each other? In words, what is wrong. */
export function checkView(
  seen: SeenTopology,
  truth: readonly NodeStatus[],
  names: readonly string[],
): readonly string[] {
  const term = Math.max(...truth.map((word) => word.term));
  const leaders = truth.filter((word) => word.role === 'leader' && word.writable).map(({ name }) => name);
  const silent = names.filter((name) => !truth.some((word) => word.name === name));
  return [
    ...silent.map((name) => `${name} does not answer`),
    ...(leaders.length === 1 ? [] : [`${leaders.length} nodes lead: ${leaders.join(', ') || 'none'}`]),
    ...(leaders.includes(seen.leader ?? '')
      ? []
      : [`the gateway takes ${seen.leader} for the leader, the nodes ${leaders.join(', ') || 'nobody'}`]),
    ...(seen.term === term ? [] : [`the gateway knows term ${seen.term}, the nodes ${term}`]),
    ...seen.unreachable.map((name) => `the gateway cannot reach ${name}`),
    ...truth.flatMap(badStreams),
  ];
}

function badStreams({ name, replication }: NodeStatus): readonly string[] {
  return replication.flatMap(({ peer, upstream, downstream }) => [
    ...(upstream?.status === 'follow'
      ? []
      : [`${name} receives from ${peer}: ${upstream?.status ?? 'none'}`]),
    ...(downstream?.status === 'follow' ? [] : [`${name} sends to ${peer}: ${downstream?.status ?? 'none'}`]),
  ]);
}
