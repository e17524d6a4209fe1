import type { NodeState, StreamState, TopologyState } from '../api/operations.js';

/** The paper that the topology is drawn on, and the size of a node on it. */
export interface Paper {
  readonly width: number;
  readonly height: number;
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  /** How many characters of a name fit into a node. */
  readonly nameLength: number;
  /** Where along an arrow its label may be, the best place first. Without any, the table alone tells the lags. */
  readonly labelAt: readonly number[];
}

/** Up to this many nodes every stream is labelled, and no arrow crosses another. */
const fewNodes = 3;

/** Paper for so many nodes, on a screen that is `wide` or `narrow`. */
export function paperFor(count: number, screen: 'wide' | 'narrow'): Paper {
  const isFew = count <= fewNodes;
  if (screen === 'wide') {
    return isFew
      ? { width: 720, height: 330, nodeWidth: 168, nodeHeight: 66, nameLength: 17, labelAt: [0.5] }
      : {
          width: 720,
          height: 430,
          nodeWidth: 140,
          nodeHeight: 58,
          nameLength: 13,
          labelAt: [0.38, 0.5, 0.62],
        };
  }
  return isFew
    ? { width: 340, height: 350, nodeWidth: 100, nodeHeight: 60, nameLength: 11, labelAt: [0.5] }
    : { width: 340, height: 420, nodeWidth: 96, nodeHeight: 54, nameLength: 11, labelAt: [] };
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What flows from one node to another, drawn as an arrow. */
export interface Stream {
  readonly from: string;
  readonly to: string;
  readonly start: Point;
  readonly end: Point;
  /** Where its lag is written, beside the arrow; null where there is no room for it. */
  readonly label: Point | null;
  readonly state: 'follows' | 'broken' | 'other' | 'unknown';
  /** Whether the leader is the one that sends: what clients depend on. */
  readonly isFromLeader: boolean;
  /** Whether it is drawn faintly and without a label, because among many nodes it would hide what matters. */
  readonly isMinor: boolean;
  readonly lag: number | null;
}

/** The middles of the nodes: on an ellipse, the first on top, in the order of the configuration whoever leads. Pure. */
export function placeNodes(count: number, paper: Paper): readonly Point[] {
  const centre = { x: paper.width / 2, y: paper.height / 2 };
  if (count === 1) return [centre];
  const rx = (paper.width - paper.nodeWidth) / 2 - 2;
  const ry = (paper.height - paper.nodeHeight) / 2 - 2;
  const raw = Array.from({ length: count }, (_, index) => {
    const angle = (index / count) * 2 * Math.PI - Math.PI / 2;
    return { x: Math.cos(angle), y: Math.sin(angle) };
  });
  // An odd number leaves room at the bottom and at the sides: the figure is stretched until it fills the paper.
  const [left, right] = [Math.min(...raw.map(({ x }) => x)), Math.max(...raw.map(({ x }) => x))];
  const [top, bottom] = [Math.min(...raw.map(({ y }) => y)), Math.max(...raw.map(({ y }) => y))];
  return raw.map(({ x, y }) => ({
    x: centre.x + rx * scale(x, left, right),
    y: centre.y + ry * scale(y, top, bottom),
  }));
}

/** Both directions between each pair of nodes. Pure. */
export function drawStreams(topology: TopologyState, paper: Paper): readonly Stream[] {
  const places = placeNodes(topology.nodes.length, paper);
  const labels: Point[] = [];
  const isFree = (label: Point) =>
    places.every((place) => areApart(place, label, paper)) &&
    labels.every((other) => areApart(other, label, { nodeWidth: labelWidth, nodeHeight: labelHeight }));
  return topology.nodes.flatMap((from, i) =>
    topology.nodes.flatMap((to, j) => {
      const [a, b] = [places[i], places[j]];
      if (i === j || a === undefined || b === undefined) return [];
      const { state, lag } = streamBetween(from, to);
      const isFromLeader = topology.leader?.name === from.name;
      const isMinor = topology.nodes.length > fewNodes && !isFromLeader;
      const { start, end, at } = arrow(a, b, paper);
      const isLong = Math.hypot(end.x - start.x, end.y - start.y) > labelWidth + 16;
      const label = isMinor || !isLong ? null : (paper.labelAt.map(at).find(isFree) ?? null);
      if (label !== null) labels.push(label);
      return [{ from: from.name, to: to.name, start, end, label, state, lag, isFromLeader, isMinor }];
    }),
  );
}

/** Room for a lag such as `123 ms`. */
const labelWidth = 54;
const labelHeight = 16;

/** Whether a label at one place hides nothing of what has its middle at another. */
const areApart = (place: Point, label: Point, size: Pick<Paper, 'nodeWidth' | 'nodeHeight'>): boolean =>
  Math.abs(place.x - label.x) >= (size.nodeWidth + labelWidth) / 2 ||
  Math.abs(place.y - label.y) >= (size.nodeHeight + labelHeight) / 2;

/** What the receiver says counts; of one that is silent, the sender's word is all there is. */
function streamBetween(from: NodeState, to: NodeState): Pick<Stream, 'state' | 'lag'> {
  const received = to.replication.find(({ peer }) => peer === from.name)?.upstream ?? null;
  const sent = from.replication.find(({ peer }) => peer === to.name)?.downstream ?? null;
  const told = received ?? sent;
  return { state: stateOf(told), lag: told?.status === 'follow' ? (told.lag ?? null) : null };
}

export function stateOf(stream: StreamState | null): Stream['state'] {
  switch (stream?.status) {
    case undefined:
      return 'unknown';
    case 'follow':
      return 'follows';
    case 'stopped':
    case 'disconnected':
      return 'broken';
    default:
      return 'other';
  }
}

/** Half the distance between the two arrows of a pair. */
const aside = 6;
const gap = 7;

interface ArrowPlace extends Pick<Stream, 'start' | 'end'> {
  /** Beside the arrow, at this part of its way. */
  readonly at: (part: number) => Point;
}

/** From the edge of one node to the edge of another, a little to the right of the line between their middles. */
function arrow(a: Point, b: Point, paper: Paper): ArrowPlace {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  const along = { x: (b.x - a.x) / length, y: (b.y - a.y) / length };
  const right = { x: -along.y, y: along.x };
  const inset = toEdge(along, paper);
  const at = (distance: number, sideways: number): Point => ({
    x: a.x + along.x * distance + right.x * sideways,
    y: a.y + along.y * distance + right.y * sideways,
  });
  // A label is wider than it is high: beside an upright arrow it stands further off.
  const labelAside = aside + 9 + Math.abs(right.x) * 16;
  return {
    start: at(inset + gap, aside),
    end: at(length - inset - gap, aside),
    at: (part) => at(length * part, labelAside),
  };
}

/** How far it is from the middle of a node to its edge in this direction. */
function toEdge({ x, y }: Point, { nodeWidth, nodeHeight }: Paper): number {
  return Math.min(
    x === 0 ? Infinity : nodeWidth / 2 / Math.abs(x),
    y === 0 ? Infinity : nodeHeight / 2 / Math.abs(y),
  );
}

/** From -1 at `low` to 1 at `high`; the middle when there is nothing between them. */
function scale(value: number, low: number, high: number): number {
  return high - low < 1e-9 ? 0 : ((value - low) / (high - low)) * 2 - 1;
}
