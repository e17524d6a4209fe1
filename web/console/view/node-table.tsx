import type { LocalAction, LocalNode } from '../api/local-nodes.js';
import type { NodeState, TopologyState } from '../api/operations.js';
import { formatTime, formatUptime } from '../state/format.js';
import { Button } from './button.js';
import { roleOf } from '../state/words.js';

interface Actions {
  /** The node that something is being done to. */
  readonly busy: string | null;
  readonly onHandOver: (to: string) => void;
  readonly onAct: (name: string, action: LocalAction) => void;
}

interface Props extends Actions {
  readonly topology: TopologyState;
  readonly localNodes: readonly LocalNode[] | null;
}

export function NodeTable({ topology, localNodes, ...actions }: Props) {
  return (
    <div class="scroll">
      <table class="nodes">
        <caption class="unseen">Nodes</caption>
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">State</th>
            <th scope="col">Version</th>
            <th scope="col">Up</th>
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {topology.nodes.map((node) => {
            const local = localNodes?.find(({ name }) => name === node.name) ?? null;
            const canLead = topology.leader !== null && node.reachable && !node.writable;
            return <Row key={node.name} node={node} local={local} canLead={canLead} {...actions} />;
          })}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps extends Actions {
  readonly node: NodeState;
  readonly local: LocalNode | null;
  readonly canLead: boolean;
}

function Row({ node, local, canLead, busy, onHandOver, onAct }: RowProps) {
  const { name, uri, version, uptimeSeconds, writable } = node;
  const kind = writable ? 'leader' : node.role.toLowerCase();
  return (
    <tr class={kind} data-testid={`node-${name}`}>
      <th scope="row">
        {name} <span class="quiet">{uri}</span>
      </th>
      <td>
        <span class="role">{roleOf(node)}</span> <span class="quiet">{remark(node, local)}</span>
      </td>
      <td class="version">{version?.split('-')[0] ?? '–'}</td>
      <td class="up">{uptimeSeconds === null ? '–' : formatUptime(uptimeSeconds)}</td>
      <td class="actions">
        {canLead && (
          <Button kind="small" isOff={busy !== null} onPress={() => onHandOver(name)}>
            Hand over<span class="unseen"> leadership to {name}</span>
          </Button>
        )}
        {local !== null &&
          possible[local.state].map(([action, word]) => (
            <Button
              key={action}
              kind={action === 'kill' ? 'small danger' : 'small'}
              isOff={busy !== null}
              onPress={() => onAct(name, action)}
            >
              {word}
              <span class="unseen"> {name}</span>
            </Button>
          ))}
      </td>
    </tr>
  );
}

const possible: Readonly<Record<LocalNode['state'], readonly (readonly [LocalAction, string])[]>> = {
  running: [
    ['freeze', 'Freeze'],
    ['kill', 'Kill'],
  ],
  frozen: [
    ['thaw', 'Thaw'],
    ['kill', 'Kill'],
  ],
  ended: [['restart', 'Start']],
};

function remark(
  { reachable, readOnlyReason, lastSeenAt, writable }: NodeState,
  local: LocalNode | null,
): string {
  if (local?.state === 'frozen') return 'frozen';
  if (!reachable) {
    return lastSeenAt === null ? 'never seen' : `last seen ${formatTime(Date.parse(lastSeenAt))}`;
  }
  if (writable) return 'takes writes';
  return readOnlyReason === null ? '' : `read-only: ${readOnlyReason}`;
}
