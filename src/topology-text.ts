import type { NodeView, ReplicaSetView } from './replicaset/view.js';
import type { ReplicationLink, ReplicationStream } from './tarantool/node-status.js';
import { type Paint, alignColumns } from './terminal.js';

/** Lays out the replica set for a reader: who leads, each node, and replication between each pair. Pure. */
export function renderTopology(name: string, view: ReplicaSetView, paint: Paint): string {
  return [
    renderStanding(name, view, paint),
    '',
    ...renderNodes(view, paint),
    '',
    ...renderReplication(view, paint),
  ].join('\n');
}

/** The last line: whether one may write, and whether anything is not as it should be. Pure. */
export function renderVerdict(view: ReplicaSetView, paint: Paint): string {
  const reason = whyNotWritable(view);
  if (reason !== null) return paint('red', `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`);
  const answering = view.nodes.filter(({ reach }) => reach === 'reachable').length;
  const links = linksOf(view);
  const broken = links.filter(({ link }) => !isHealthy(link)).length;
  const isWell = answering === view.nodes.length && broken === 0;
  return paint(
    isWell ? 'green' : 'yellow',
    `Writable: ${view.leader} leads, ${answering} of ${view.nodes.length} nodes answer, ` +
      (broken === 0 ? 'replication is well' : `replication is broken in ${broken} of ${links.length} rows`),
  );
}

/** Why nobody may write, in words; null while a leader may. */
export function whyNotWritable({
  state,
  nodes,
  quorum,
}: Pick<ReplicaSetView, 'state' | 'nodes' | 'quorum'>): string | null {
  const answering = `${nodes.filter((node) => node.reach === 'reachable').length} of ${nodes.length} nodes answer`;
  const reasons = {
    led: null,
    electing: `no writable leader: ${answering}, none of them is elected and writable`,
    'no-quorum': `no writable leader: ${answering}, ${quorum} are needed to elect one`,
    split: 'two nodes claim to lead one term: none of them is used until an operator has looked',
  };
  return reasons[state];
}

function renderStanding(name: string, view: ReplicaSetView, paint: Paint): string {
  const reason = whyNotWritable(view);
  const standing = reason === null ? paint('green', `led by ${view.leader}, writable`) : paint('red', reason);
  return `${paint('bold', name)}  term ${view.term}, quorum ${view.quorum} of ${view.nodes.length}: ${standing}`;
}

function renderNodes(view: ReplicaSetView, paint: Paint): string[] {
  const rows = view.nodes.map((node) => {
    const status = node.reach === 'reachable' ? node.status : null;
    return [
      node.name === view.leader ? '*' : ' ',
      node.name,
      node.uri,
      describeRole(node, view),
      orDash(status?.term),
      status === null || status.lsn < 0 ? '-' : String(status.lsn),
      orDash(status?.version.replace(/-\d+-g[0-9a-f]+$/, '')),
      status === null ? '-' : formatDuration(status.uptimeSeconds),
      node.problem ?? '',
    ];
  });
  const [header = '', ...lines] = alignColumns([
    [' ', 'node', 'uri', 'role', 'term', 'lsn', 'version', 'uptime', ''],
    ...rows,
  ]);
  return [
    paint('dim', header),
    ...lines.map((line, index) => paintNode(line, view.nodes[index], view, paint)),
  ];
}

function describeRole(node: NodeView, view: ReplicaSetView): string {
  if (node.reach === 'unknown') return 'not asked yet';
  if (node.reach === 'unreachable' || node.status === null) return 'unreachable';
  const { role, readOnlyReason } = node.status;
  if (role !== 'leader' || node.name === view.leader) return role;
  return `leader, not writable${readOnlyReason === null ? '' : ` (${readOnlyReason})`}`;
}

function paintNode(line: string, node: NodeView | undefined, view: ReplicaSetView, paint: Paint): string {
  if (node?.name === view.leader) return paint('green', line);
  return node?.reach === 'reachable' ? line : paint('red', line);
}

/** What each node that answers says of each peer. */
function linksOf({
  nodes,
}: ReplicaSetView): readonly { readonly node: string; readonly link: ReplicationLink }[] {
  return nodes.flatMap((node) =>
    node.reach === 'reachable' && node.status !== null
      ? node.status.replication.map((link) => ({ node: node.name, link }))
      : [],
  );
}

/** One row for each ordered pair: what the node on the left says of the peer beside it. */
function renderReplication(view: ReplicaSetView, paint: Paint): string[] {
  const links = linksOf(view);
  if (links.length === 0) return [paint('dim', 'No node tells how replication stands')];
  const [header = '', ...lines] = alignColumns([
    [' ', 'at node', 'peer', 'upstream: receives from it', 'downstream: sends to it', ''],
    ...links.map(({ node, link }) => [
      isHealthy(link) ? ' ' : '!',
      node,
      link.peer,
      describeStream(link.upstream),
      describeStream(link.downstream),
      link.upstream?.message ?? link.downstream?.message ?? '',
    ]),
  ]);
  return [
    paint('dim', header),
    ...lines.map((line, index) => {
      const link = links[index]?.link;
      return link === undefined || isHealthy(link) ? line : paint('red', line);
    }),
  ];
}

function isHealthy({ upstream, downstream }: ReplicationLink): boolean {
  return [upstream, downstream].every((stream) => stream?.status === 'follow' || stream?.status === 'sync');
}

function describeStream(stream: ReplicationStream | null): string {
  if (stream === null) return 'none';
  const { status, lagSeconds, idleSeconds } = stream;
  if (status === 'follow' || status === 'sync') {
    return lagSeconds === null ? status : `${status}, lag ${formatDuration(lagSeconds)}`;
  }
  return idleSeconds === null ? status : `${status}, silent for ${formatDuration(idleSeconds)}`;
}

const orDash = (value: string | number | undefined): string => (value === undefined ? '-' : String(value));

/** Two digits at most matter to a reader: `0.3 ms`, `12 s`, `5 min`, `3 h`, `12 d`. */
export function formatDuration(seconds: number): string {
  if (seconds < 0.01) return `${(seconds * 1000).toFixed(1)} ms`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
