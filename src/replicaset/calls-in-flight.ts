import { NodeError } from '../tarantool/errors.js';
import type { Reply } from '../tarantool/reply.js';
import type { ReplicaSetView } from './view.js';

/** A call on one node; each has an object of its own. */
export interface Call {
  readonly node: string;
  readonly kind: 'read' | 'write';
  /** Whether it was sent there because the node led. */
  readonly toLeader: boolean;
}

/**
 * For how long a write may still be answered by a node that another one has followed. A deposed leader that lives
 * answers within a round trip and learns the fate of its last writes from the new leader's first record; a frozen one
 * never answers, and every millisecond here is added to what its clients wait.
 */
const lastAnswersMs = 50;

/**
 * The calls whose nodes have not answered yet. A frozen node keeps its connection open and says nothing, so a call is
 * given up when the view says that waiting is in vain: reads when the node has become unreachable or, sent to the
 * leader, when another leads; writes only when another leads, and a moment later. The answer of a call that was
 * given up is ignored: a zombie's read is as old as its freeze.
 */
export class CallsInFlight {
  /** With each call, the way to give it up; of no effect once it has settled. */
  readonly #calls = new Map<Call, (reason: string) => void>();
  #view: ReplicaSetView | null = null;

  get size(): number {
    return this.#calls.size;
  }

  /** Settles as `send()` does; or rejects with a NodeError of unknown outcome when the call is given up. */
  async run(call: Call, send: () => Promise<Reply>): Promise<Reply> {
    const givenUp = new Promise<never>((_, reject) => {
      this.#calls.set(call, (message) => {
        reject(new NodeError('CONNECTION_LOST', { outcome: 'unknown', node: call.node, message }));
      });
    });
    try {
      return await Promise.race([send(), givenUp]);
    } finally {
      this.#calls.delete(call);
    }
  }

  /** To be called with every new view. */
  reconsider(view: ReplicaSetView): void {
    const last = this.#view;
    this.#view = view;
    if (view.leader !== null && view.leader !== last?.leader) this.#giveUpFollowed(view.leader);
    if (view.nodes.some(({ reach }, index) => reach !== last?.nodes[index]?.reach))
      this.#giveUpUnreachable(view);
  }

  #giveUpFollowed(leader: string): void {
    const reason = `${leader} leads now`;
    const followed = [...this.#calls].filter(([call]) => call.toLeader && call.node !== leader);
    for (const [call, giveUp] of followed) if (call.kind === 'read') giveUp(reason);

    const writes = followed.filter(([call]) => call.kind === 'write');
    if (writes.length === 0) return;
    const giveUpWrites = (): void => {
      for (const [call, giveUp] of writes) if (call.node !== this.#view?.leader) giveUp(reason);
    };
    setTimeout(giveUpWrites, lastAnswersMs).unref();
  }

  #giveUpUnreachable(view: ReplicaSetView): void {
    const unreachable = new Set(
      view.nodes.filter(({ reach }) => reach === 'unreachable').map(({ name }) => name),
    );
    for (const [call, giveUp] of this.#calls) {
      if (call.kind === 'read' && unreachable.has(call.node)) giveUp('The node is unreachable');
    }
  }
}
