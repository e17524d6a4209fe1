import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { ReplicaSetNode } from './topology.type.js';

export const LeadershipChangeKind = { CURRENT: 'CURRENT', ELECTED: 'ELECTED', LOST: 'LOST' } as const;
export type LeadershipChangeKind = keyof typeof LeadershipChangeKind;
registerEnumType(LeadershipChangeKind, {
  name: 'LeadershipChangeKind',
  valuesConfig: {
    CURRENT: { description: 'No change: how things stand. Always the first event of a subscription.' },
    ELECTED: { description: 'A node leads and may write.' },
    LOST: { description: 'Nobody leads any more.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'Who leads, and since which change.' })
export class LeadershipChange {
  @Field(() => Int, {
    description:
      'Counts the changes that this gateway saw, from 1; CURRENT repeats the number of the last one, or 0. ' +
      'A gap means that this listener was slow and changes were left out.',
  })
  readonly sequence!: number;

  @Field(() => LeadershipChangeKind)
  readonly kind!: LeadershipChangeKind;

  @Field(() => Int, { description: 'The election term. Never falls.' })
  readonly term!: number;

  @Field(() => ReplicaSetNode, {
    nullable: true,
    description: 'As the node is seen now. Null when nobody leads.',
  })
  readonly leader!: ReplicaSetNode | null;

  @Field(() => ReplicaSetNode, {
    nullable: true,
    description: 'Who led before: the one that was lost, or the one that was replaced.',
  })
  readonly previousLeader!: ReplicaSetNode | null;

  @Field(() => GraphQLDateTime, {
    description: 'When the gateway saw the change; for CURRENT, when it was asked.',
  })
  readonly at!: Date;

  @Field(() => Int, {
    nullable: true,
    description:
      'ELECTED: how long nobody led. CURRENT: for how long nobody has led so far, null when somebody leads. ' +
      'Null when it is not known.',
  })
  readonly leaderlessMs!: number | null;
}
