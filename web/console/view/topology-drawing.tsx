import type { NodeState, TopologyState } from '../api/operations.js';
import { type Paper, type Point, type Stream, drawStreams, paperFor, placeNodes } from '../state/drawing.js';
import { formatDuration, formatLag } from '../state/format.js';
import { describeTopology, roleOf, shorten } from '../state/words.js';
import { useMedia } from './use-media.js';
import { useNow } from './use-now.js';

interface Props {
  readonly topology: TopologyState;
  readonly leaderlessSince: number | null;
}

/** The topology as a picture. Everything in it is said in the tables, too. */
export function TopologyDrawing({ topology, leaderlessSince }: Props) {
  const { nodes } = topology;
  const paper = paperFor(nodes.length, useMedia('(max-width: 640px)') ? 'narrow' : 'wide');
  const places = placeNodes(nodes.length, paper);
  const streams = drawStreams(topology, paper);
  return (
    <svg
      class="drawing"
      viewBox={`0 0 ${paper.width} ${paper.height}`}
      role="img"
      aria-label={describeTopology(topology)}
      data-testid="drawing"
    >
      <defs>
        {['follows', 'broken', 'other', 'unknown', 'leading'].map((kind) => (
          <marker key={kind} id={`tip-${kind}`} class={`tip ${kind}`} {...tip}>
            <path d="M0 0 8 4 0 8Z" />
          </marker>
        ))}
      </defs>
      {streams.map((stream) => (
        <Arrow key={`${stream.from} ${stream.to}`} stream={stream} />
      ))}
      {streams.map((stream) => (
        <Lag key={`${stream.from} ${stream.to}`} stream={stream} />
      ))}
      {nodes.map((node, index) => {
        const place = places[index];
        return place && <Node key={node.name} node={node} place={place} paper={paper} />;
      })}
      {topology.leader === null && <Vacancy paper={paper} topology={topology} since={leaderlessSince} />}
    </svg>
  );
}

const tip = {
  viewBox: '0 0 8 8',
  refX: 7,
  refY: 4,
  markerWidth: 7,
  markerHeight: 7,
  markerUnits: 'userSpaceOnUse',
  orient: 'auto',
} as const;

function Arrow({ stream: { from, to, start, end, state, isFromLeader, isMinor } }: { stream: Stream }) {
  const kind = isFromLeader && state === 'follows' ? 'leading' : state;
  const line = { x1: start.x, y1: start.y, x2: end.x, y2: end.y };
  return (
    <line
      class={`stream ${kind} ${isMinor ? 'minor' : ''}`}
      data-from={from}
      data-to={to}
      {...line}
      marker-end={`url(#tip-${kind})`}
    />
  );
}

function Lag({ stream: { label, state, lag, isFromLeader } }: { stream: Stream }) {
  const text =
    lag === null ? { follows: '', broken: 'broken', other: 'joining', unknown: '' }[state] : formatLag(lag);
  if (text === '' || label === null) return null;
  return (
    <text
      class={`lag ${state} ${isFromLeader ? 'leading' : ''}`}
      x={label.x}
      y={label.y + 4}
      text-anchor="middle"
    >
      {text}
    </text>
  );
}

/** Narrower nodes have room for the role alone. */
const nodeWidthShowsTerm = 130;

function Node({ node, place, paper }: { node: NodeState; place: Point; paper: Paper }) {
  const { nodeWidth: width, nodeHeight: height } = paper;
  const kind = node.writable ? 'leader' : node.role.toLowerCase();
  const isWide = nodeWidthShowsTerm <= width;
  return (
    <g
      class={`node ${kind}`}
      data-node={node.name}
      data-role={node.role}
      transform={`translate(${place.x - width / 2} ${place.y - height / 2})`}
    >
      <title>{`${node.name}, ${node.uri}`}</title>
      <rect width={width} height={height} rx="10" />
      <text class="name" x={width / 2} y={height / 2 - 5} text-anchor="middle">
        {shorten(node.name, paper.nameLength)}
      </text>
      <text class="role" x={width / 2} y={height / 2 + 16} text-anchor="middle">
        {describe(node, isWide)}
      </text>
    </g>
  );
}

function describe(node: NodeState, isWide: boolean): string {
  const role = node.role === 'LEADER' && !node.writable ? 'Elected' : roleOf(node);
  return node.reachable && node.term !== null && isWide ? `${role} · term ${node.term}` : role;
}

/** In the middle of the picture, while nobody leads. */
function Vacancy({
  paper,
  topology,
  since,
}: {
  paper: Paper;
  topology: TopologyState;
  since: number | null;
}) {
  const now = useNow(100);
  const answering = topology.nodes.filter(({ reachable }) => reachable).length;
  const isElecting = answering >= topology.quorum;
  const [width, height] = [paper.width > 500 ? 230 : 190, 58];
  return (
    <g
      class={`vacancy ${isElecting ? 'electing' : 'stuck'}`}
      data-testid="vacancy"
      transform={`translate(${paper.width / 2 - width / 2} ${paper.height / 2 - height / 2 + 14})`}
    >
      <rect width={width} height={height} rx="29" />
      <text class="what" x={width / 2} y="25" text-anchor="middle">
        {isElecting ? 'Election in progress' : 'No majority answers'}
      </text>
      <text class="how-long" x={width / 2} y="44" text-anchor="middle">
        {since === null ? 'nobody has led yet' : `nobody leads for ${formatDuration(now - since)}`}
      </text>
    </g>
  );
}
