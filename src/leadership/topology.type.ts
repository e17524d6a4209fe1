import 'reflect-metadata';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';

export const NodeRole = {
  LEADER: 'LEADER',
  FOLLOWER: 'FOLLOWER',
  CANDIDATE: 'CANDIDATE',
  UNREACHABLE: 'UNREACHABLE',
} as const;
export type NodeRole = keyof typeof NodeRole;
registerEnumType(NodeRole, {
  name: 'NodeRole',
  valuesConfig: {
    LEADER: { description: 'Says that it leads. Whether it may write is another fact: see `writable`.' },
    FOLLOWER: { description: 'Follows a leader, or waits for one.' },
    CANDIDATE: { description: 'Asks the others for their votes.' },
    UNREACHABLE: { description: 'Does not answer the gateway, or has not yet.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'One direction of replication between two nodes.' })
export class ReplicationStream {
  @Field(() => String, {
    description: "Tarantool's word: `follow` is good; `disconnected` and `stopped` are not.",
  })
  readonly status!: string;

  @Field(() => Float, { nullable: true, description: 'Seconds by which the receiver was behind.' })
  readonly lag!: number | null;

  @Field(() => Float, { nullable: true, description: 'Seconds since something was last received.' })
  readonly idle!: number | null;

  @Field(() => String, { nullable: true, description: 'Why it does not work, if it does not.' })
  readonly message!: string | null;
}

@ObjectType({
  simpleResolvers: true,
  description: 'Replication between a node and one peer, as the node sees it.',
})
export class ReplicationLink {
  @Field(() => String, { description: 'Name of the peer.' })
  readonly peer!: string;

  @Field(() => ReplicationStream, { nullable: true, description: 'What the node receives from the peer.' })
  readonly upstream!: ReplicationStream | null;

  @Field(() => ReplicationStream, { nullable: true, description: 'What the peer receives from the node.' })
  readonly downstream!: ReplicationStream | null;
}

@ObjectType('Node', {
  simpleResolvers: true,
  description:
    'One Tarantool node. While it is unreachable, term, lsn and version are its last known ones, as of `lastSeenAt`.',
})
export class ReplicaSetNode {
  @Field(() => String)
  readonly name!: string;

  @Field(() => String, { description: '`host:port`' })
  readonly uri!: string;

  @Field(() => NodeRole)
  readonly role!: NodeRole;

  @Field(() => Boolean, { description: 'Whether it answers the gateway.' })
  readonly reachable!: boolean;

  @Field(() => Boolean, { description: 'Whether the gateway sends writes there: true for one node at most.' })
  readonly writable!: boolean;

  @Field(() => String, { nullable: true, description: 'Why it takes no writes, in its own words.' })
  readonly readOnlyReason!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The term that the node is in. Null if it was never heard.',
  })
  readonly term!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Number of its last log record: further is newer, on one node. Null if it was never heard.',
  })
  readonly lsn!: number | null;

  @Field(() => String, { nullable: true, description: 'Of Tarantool. Null if it was never heard.' })
  readonly version!: string | null;

  @Field(() => Float, { nullable: true, description: 'Null while it is unreachable.' })
  readonly uptimeSeconds!: number | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it last answered.' })
  readonly lastSeenAt!: Date | null;

  @Field(() => [ReplicationLink], { description: 'One per peer. Empty while it is unreachable.' })
  readonly replication!: readonly ReplicationLink[];
}

@ObjectType({ simpleResolvers: true, description: 'The replica set, as the gateway sees it.' })
export class Topology {
  @Field(() => Int, { description: 'The highest election term known. Never falls.' })
  readonly term!: number;

  @Field(() => ReplicaSetNode, { nullable: true, description: 'Null while nobody may write.' })
  readonly leader!: ReplicaSetNode | null;

  @Field(() => Boolean, { description: 'Whether there is a leader that may write.' })
  readonly writable!: boolean;

  @Field(() => Int, { description: 'How many nodes it takes to elect a leader and to confirm a write.' })
  readonly quorum!: number;

  @Field(() => [ReplicaSetNode])
  readonly nodes!: readonly ReplicaSetNode[];

  @Field(() => GraphQLDateTime)
  readonly observedAt!: Date;
}
