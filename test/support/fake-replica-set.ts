import type { Clock } from '../../src/clock.js';
import { UnknownNodeError } from '../../src/replicaset/errors.js';
import type {
  CancelSignal,
  ReadOptions,
  ReadTarget,
  ReplicaSet,
  ReplicaSetObserver,
  ReplicaSetOperator,
  WriteOptions,
} from '../../src/replicaset/replica-set.js';
import type { LeadershipEvent, NodeView, ReplicaSetView } from '../../src/replicaset/view.js';
import type { NodeStatus } from '../../src/tarantool/node-status.js';
import type { Reply } from '../../src/tarantool/reply.js';
import { FakeEmployees, type Row } from './fake-employees.js';

export interface RecordedCall {
  readonly kind: 'read' | 'write';
  readonly fn: string;
  readonly argument: unknown;
  /** Of a read: consistency, bookmark, deadline. */
  readonly options?: unknown;
  readonly target: ReadTarget;
  readonly deadlineAt: number;
  readonly signal: CancelSignal | null;
}

const names = ['instance001', 'instance002', 'instance003'];

/** A replica set in memory: three nodes that hold the same employees, and a leader that tests elect and depose. */
export class FakeReplicaSet implements ReplicaSet, ReplicaSetObserver, ReplicaSetOperator {
  employees: FakeEmployees;
  readonly calls: RecordedCall[] = [];
  readonly history: LeadershipEvent[] = [];
  view: ReplicaSetView;
  /** Awaited before a call is carried out; what it throws is thrown to the caller. */
  beforeCall: (call: RecordedCall) => Promise<void> | void = () => undefined;
  /** Awaited before leadership is handed over; what it throws is thrown to the caller. */
  beforeTransfer: (to: string) => Promise<void> | void = () => undefined;
  readonly #clock: Clock;
  readonly #viewListeners = new Set<(view: ReplicaSetView) => void>();
  readonly #leadershipListeners = new Set<(event: LeadershipEvent) => void>();

  constructor(clock: Clock, rows: readonly Row[] = []) {
    this.#clock = clock;
    this.employees = new FakeEmployees(rows);
    this.view = {
      state: 'led',
      term: 1,
      leader: 'instance001',
      previousLeader: null,
      quorum: 2,
      nodes: names.map((name, index) => this.#node(name, index, 'instance001')),
      observedAt: clock.date(),
    };
  }

  get listenerCount(): number {
    return this.#viewListeners.size + this.#leadershipListeners.size;
  }

  get writes(): readonly RecordedCall[] {
    return this.calls.filter(({ kind }) => kind === 'write');
  }

  async read(
    fn: string,
    args: readonly unknown[],
    { target, deadlineAt, signal = null, onAnsweredBy = () => {} }: ReadOptions,
  ): Promise<Reply> {
    if (target.kind === 'node' && !names.includes(target.name)) {
      throw new UnknownNodeError(target.name, names);
    }
    const call = {
      kind: 'read',
      fn,
      argument: args[0],
      options: args[1],
      target,
      deadlineAt,
      signal,
    } as const;
    const reply = await this.#call(call);
    onAnsweredBy(this.#answering(target));
    return reply;
  }

  #answering(target: ReadTarget): string {
    if (target.kind === 'node') return target.name;
    const isWanted = (name: string) => (name === this.view.leader) === (target.kind === 'leader');
    return names.find(isWanted) ?? '';
  }

  async write(
    fn: string,
    args: readonly unknown[],
    { deadlineAt, signal = null }: WriteOptions,
  ): Promise<Reply> {
    return this.#call({
      kind: 'write',
      fn,
      argument: args[0],
      target: { kind: 'leader' },
      deadlineAt,
      signal,
    });
  }

  async transferLeadership(to: string): Promise<void> {
    await this.beforeTransfer(to);
    this.elect(to);
  }

  onView(listener: (view: ReplicaSetView) => void): () => void {
    this.#viewListeners.add(listener);
    return () => this.#viewListeners.delete(listener);
  }

  onLeadership(listener: (event: LeadershipEvent) => void): () => void {
    this.#leadershipListeners.add(listener);
    return () => this.#leadershipListeners.delete(listener);
  }

  /** Replaces parts of the view, as a poll would. */
  observe(changes: Partial<ReplicaSetView>): void {
    this.view = { ...this.view, observedAt: this.#clock.date(), ...changes };
    for (const listener of this.#viewListeners) listener(this.view);
  }

  /** Replaces parts of what one node said last. */
  observeNode(
    name: string,
    changes: Partial<Omit<NodeView, 'status'>>,
    status: Partial<NodeStatus> = {},
  ): void {
    const nodes = this.view.nodes.map((node) =>
      node.name === name
        ? { ...node, ...changes, status: node.status === null ? null : { ...node.status, ...status } }
        : node,
    );
    this.observe({ nodes });
  }

  loseLeader(): void {
    const { leader } = this.view;
    this.observe({ state: 'electing', leader: null, previousLeader: leader });
    this.#announce({ kind: 'LOST', leader: null, leaderlessMs: null });
  }

  elect(name: string, { leaderlessMs = 10 }: { leaderlessMs?: number | null } = {}): void {
    const previousLeader = this.view.leader ?? this.view.previousLeader;
    this.observe({ state: 'led', term: this.view.term + 1, leader: name, previousLeader });
    this.#announce({ kind: 'ELECTED', leader: name, leaderlessMs });
  }

  #announce(event: Pick<LeadershipEvent, 'kind' | 'leader' | 'leaderlessMs'>): void {
    const { term, previousLeader } = this.view;
    const complete: LeadershipEvent = {
      ...event,
      sequence: this.history.length + 1,
      term,
      previousLeader,
      at: this.#clock.date(),
    };
    this.history.push(complete);
    for (const listener of this.#leadershipListeners) listener(complete);
  }

  async #call(call: RecordedCall): Promise<Reply> {
    this.calls.push(call);
    await this.beforeCall(call);
    return this.employees.call(call.fn, call.argument, this.#clock.date().getTime());
  }

  #node(name: string, index: number, leader: string): NodeView {
    const isLeader = name === leader;
    return {
      name,
      uri: `127.0.0.1:${3301 + index}`,
      reach: 'reachable',
      problem: null,
      lastSeenAt: this.#clock.date(),
      status: {
        name,
        instanceUuid: `uuid-${index}`,
        bootId: `boot-${index}`,
        version: '3.3.0',
        uptimeSeconds: 60,
        pid: null,
        role: isLeader ? 'leader' : 'follower',
        term: 1,
        leader,
        writable: isLeader,
        readOnlyReason: isLeader ? null : 'election',
        lsn: 100,
        schemaVersion: 1,
        replication: names
          .filter((peer) => peer !== name)
          .map((peer) => {
            const stream = { status: 'follow', lagSeconds: 0.001, idleSeconds: 0.2, message: null };
            return { peer, upstream: stream, downstream: stream };
          }),
      },
    };
  }
}
