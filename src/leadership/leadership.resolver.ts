import { Arg, Ctx, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ReplicaSetOperator } from '../replicaset/replica-set.js';
import type { LeadershipFeed } from './feed.js';
import { LeadershipChange } from './leadership.type.js';
import { checkSuccessor } from './successor.js';
import { Topology } from './topology.type.js';

/** What the resolvers of leadership need of an operation. */
export interface LeadershipContext {
  readonly deadlineAt: number;
  readonly leadership: LeadershipFeed;
  readonly operator: ReplicaSetOperator;
}

interface Subscriber {
  readonly context: LeadershipContext;
}

@Resolver()
export class LeadershipResolver {
  @Query(() => Topology, { description: 'The nodes and how replication between them stands, from memory.' })
  topology(@Ctx() { leadership }: LeadershipContext): Topology {
    return leadership.topology();
  }

  @Query(() => [LeadershipChange], {
    description: 'The last changes of leadership that this gateway saw, newest last, from memory.',
  })
  leadershipHistory(
    @Arg('last', () => Int, { nullable: true, defaultValue: 20, description: '1 to 1000.' })
    last: number | null,
    @Ctx() { leadership }: LeadershipContext,
  ): readonly LeadershipChange[] {
    return leadership.history(last ?? 20);
  }

  @Mutation(() => Topology, {
    description:
      'A planned change of leader: moves leadership to the node of this name, and answers when that node may write. ' +
      'Other requests wait some milliseconds meanwhile; none fails. TRANSFER_REFUSED, with a reason, when the node is ' +
      'not fit to lead now.',
  })
  async transferLeadership(
    @Arg('to', () => String, { description: 'Name of the node that is to lead.' }) to: string,
    @Ctx() { leadership, operator, deadlineAt }: LeadershipContext,
  ): Promise<Topology> {
    checkSuccessor(to, leadership.topology());
    await operator.transferLeadership(to, { deadlineAt });
    return leadership.topology();
  }

  @Subscription(() => LeadershipChange, {
    description:
      'Who leads: first how things stand, then every loss and every election, in order. ' +
      'A listener that is slow is told only the newest.',
    subscribe: ({ context }: Subscriber) => context.leadership.leadershipChanges(),
  })
  leadershipChanged(@Root() change: LeadershipChange): LeadershipChange {
    return change;
  }

  @Subscription(() => Topology, {
    description:
      'First how things stand, then again whenever a role, reachability, writability, a term or the status of a ' +
      'replication stream changed. A listener that is slow is told only the newest.',
    subscribe: ({ context }: Subscriber) => context.leadership.topologyChanges(),
  })
  topologyChanged(@Root() topology: Topology): Topology {
    return topology;
  }
}
