import type { GraphQLClient } from '../trial/graphql-client.js';

/** An event of `leadershipChanged`, and when a client got it (monotonic milliseconds). */
export interface HeardChange {
  readonly at: number;
  readonly kind: 'CURRENT' | 'ELECTED' | 'LOST';
  readonly term: number;
  readonly leader: string | null;
}

/** What a node says of its replication with a peer, in Tarantool's words; null for none at all. */
export interface SeenLink {
  readonly peer: string;
  readonly upstream: string | null;
  readonly downstream: string | null;
}

/** An event of `topologyChanged`, and when a client got it. */
export interface SeenTopology {
  readonly at: number;
  readonly nodes: readonly {
    readonly name: string;
    readonly reachable: boolean;
    readonly links: readonly SeenLink[];
  }[];
}

const changes = 'subscription { leadershipChanged { kind term leader { name } } }';
const topologies =
  'subscription { topologyChanged { nodes { name reachable replication { peer upstream { status } downstream { status } } } } }';

/** Listens to the two subscriptions of a gateway, and writes down what comes when. */
export class Watch {
  readonly changes: HeardChange[] = [];
  readonly topologies: SeenTopology[] = [];
  /** Why a subscription ended that we had not ended. */
  readonly losses: string[] = [];
  readonly #ends: readonly (() => Promise<void>)[];
  #isOver = false;

  constructor(client: GraphQLClient) {
    const onEnd = (problem: string | null): void => {
      if (!this.#isOver) this.losses.push(`a subscription was ended: ${problem ?? 'it was completed'}`);
    };
    this.#ends = [
      client.subscribe(changes, { onEvent: (value) => this.changes.push(parseChange(value)), onEnd }),
      client.subscribe(topologies, { onEvent: (value) => this.topologies.push(parseTopology(value)), onEnd }),
    ];
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#ends.map((end) => end()));
  }
}

// What a gateway of this very version sends: the schema holds it to it.

function parseChange(value: unknown): HeardChange {
  const { kind, term, leader }: Omit<HeardChange, 'leader'> & { leader: { name: string } | null } =
    Object(value);
  return { at: performance.now(), kind, term, leader: leader?.name ?? null };
}

interface Stream {
  readonly status: string;
}

interface SentTopology {
  readonly nodes: readonly {
    readonly name: string;
    readonly reachable: boolean;
    readonly replication: readonly {
      readonly peer: string;
      readonly upstream: Stream | null;
      readonly downstream: Stream | null;
    }[];
  }[];
}

function parseTopology(value: unknown): SeenTopology {
  const { nodes }: SentTopology = Object(value);
  return {
    at: performance.now(),
    nodes: nodes.map(({ name, reachable, replication }) => ({
      name,
      reachable,
      links: replication.map(({ peer, upstream, downstream }) => ({
        peer,
        upstream: upstream?.status ?? null,
        downstream: downstream?.status ?? null,
      })),
    })),
  };
}

/** Whether all nodes answer and receive from each other. */
export function isWhole({ nodes }: SeenTopology): boolean {
  return nodes.every(
    ({ reachable, links }) =>
      reachable &&
      links.every(({ upstream, downstream }) => upstream === 'follow' && downstream === 'follow'),
  );
}

/** Whether every other node has given up its replication with one. */
export function isCutOff({ nodes }: SeenTopology, name: string): boolean {
  const others = nodes.filter((node) => node.name !== name);
  return others.every(({ links }) =>
    links.some(
      ({ peer, upstream, downstream }) =>
        peer === name && upstream === 'disconnected' && downstream === 'stopped',
    ),
  );
}
