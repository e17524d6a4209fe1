import { NodeError } from '../tarantool/errors.js';
import type { Reply } from '../tarantool/reply.js';
import { Roster, type Seated } from '../tarantool/roster.js';
import type { ReplicaSetView } from './view.js';

/** A call on one node; each has an object of its own. */
export interface Call {
  readonly node: string;
  /** Whether it was sent there because the node led. */
  readonly toLeader: boolean;
}

interface Entry extends Seated {
  readonly call: Call;
  /** Of no effect once the call has settled. */
  readonly giveUp: (reason: string) => void;
}

/**
 * The calls whose nodes have not answered yet. A frozen node keeps its connection open and says nothing, so what was
 * sent to a leader is given up as soon as another one leads, to be repeated there: a read because a deposed leader's
 * answer is as old as its freeze, a write because its request id tells the next leader what became of it. The answer of
 * a call that was given up is ignored.
 */
export class CallsInFlight {
  readonly #calls = new Roster<Entry>();
  #leader: string | null = null;

  get size(): number {
    return this.#calls.size;
  }

  /** Settles as `send()` does; or rejects with a NodeError of unknown outcome when the call is given up. */
  run(call: Call, send: () => Promise<Reply>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const giveUp = (message: string): void =>
        reject(new NodeError('CONNECTION_LOST', { outcome: 'unknown', node: call.node, message }));
      const entry: Entry = { call, giveUp, place: -1 };
      this.#calls.add(entry);
      const end =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          this.#calls.delete(entry);
          settle(value);
        };
      send().then(end(resolve), end<unknown>(reject));
    });
  }

  /** To be called with every new view. */
  reconsider({ leader }: ReplicaSetView): void {
    if (leader === this.#leader) return;
    this.#leader = leader;
    if (leader === null) return;
    for (const { call, giveUp } of this.#calls.all()) {
      if (call.toLeader && call.node !== leader) giveUp(`${leader} leads now`);
    }
  }
}
