import 'reflect-metadata';
import { ArgsType, Field, InputType, Int, registerEnumType } from 'type-graphql';

export const Consistency = { LEADER: 'LEADER', LINEARIZABLE: 'LINEARIZABLE', REPLICA: 'REPLICA' } as const;
export type Consistency = keyof typeof Consistency;
registerEnumType(Consistency, {
  name: 'Consistency',
  description: 'Who answers a read, and what must be certain before.',
  valuesConfig: {
    LEADER: {
      description:
        'The node that leads now: sees every acknowledged write, and nothing that may yet be undone. Relies on clocks of the nodes ' +
        'that run at the same pace.',
    },
    LINEARIZABLE: {
      description:
        'The same, relying on no clock: the leader asks a majority for each read whether it still leads. Costs a round trip between ' +
        'the nodes.',
    },
    REPLICA: {
      description:
        'A healthy follower, or the leader when there is none. May be a moment behind; with a `bookmark` it is not behind ' +
        'that mutation.',
    },
  },
});

export const EmployeeOrderField = { ID: 'ID', NAME: 'NAME', POSITION: 'POSITION', SALARY: 'SALARY' } as const;
export type EmployeeOrderField = keyof typeof EmployeeOrderField;
registerEnumType(EmployeeOrderField, {
  name: 'EmployeeOrderField',
  description: 'What to order by. Texts are compared by their UTF-8 bytes; equal ones are ordered by id.',
});

export const OrderDirection = { ASC: 'ASC', DESC: 'DESC' } as const;
export type OrderDirection = keyof typeof OrderDirection;
registerEnumType(OrderDirection, {
  name: 'OrderDirection',
  valuesConfig: { ASC: { description: 'Smallest first.' }, DESC: { description: 'Greatest first.' } },
});

@InputType({ description: 'Who is to answer a read.' })
export class ReadOptions {
  @Field(() => Consistency, { nullable: true, defaultValue: Consistency.LEADER })
  readonly consistency?: Consistency | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Name of the node that is to answer, whatever its role. It may be behind. Not together with LINEARIZABLE.',
  })
  readonly node?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The `bookmark` of a mutation: the answer includes it. The node waits for it, and another is asked if it does not come. ' +
      'LEADER and LINEARIZABLE include every mutation that was answered.',
  })
  readonly bookmark?: string | null;
}

const inDescription = 'One of these, 100 at most.';

@InputType({
  description: 'All tests that are given must hold; a null is as good as nothing. Case matters.',
})
export class StringFilter {
  @Field(() => String, { nullable: true })
  readonly eq?: string | null;

  @Field(() => [String], { nullable: true, description: inDescription })
  readonly in?: readonly string[] | null;

  @Field(() => String, { nullable: true })
  readonly startsWith?: string | null;

  @Field(() => String, { nullable: true, description: 'Reads every row in range: the slowest of the tests.' })
  readonly contains?: string | null;
}

@InputType({ description: 'All tests that are given must hold; a null is as good as nothing.' })
export class IntFilter {
  @Field(() => Int, { nullable: true })
  readonly eq?: number | null;

  @Field(() => [Int], { nullable: true, description: inDescription })
  readonly in?: readonly number[] | null;

  @Field(() => Int, { nullable: true })
  readonly gt?: number | null;

  @Field(() => Int, { nullable: true })
  readonly gte?: number | null;

  @Field(() => Int, { nullable: true })
  readonly lt?: number | null;

  @Field(() => Int, { nullable: true })
  readonly lte?: number | null;
}

@InputType({ description: 'All that is given must hold.' })
export class EmployeeFilter {
  @Field(() => StringFilter, { nullable: true })
  readonly name?: StringFilter | null;

  @Field(() => StringFilter, { nullable: true })
  readonly position?: StringFilter | null;

  @Field(() => IntFilter, { nullable: true })
  readonly salary?: IntFilter | null;
}

@InputType()
export class EmployeeOrder {
  @Field(() => EmployeeOrderField)
  readonly field!: EmployeeOrderField;

  @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC })
  readonly direction!: OrderDirection;
}

@ArgsType()
export class EmployeesArgs {
  @Field(() => Int, { nullable: true, description: 'The first so many: 1 to 200, 20 if nothing is said.' })
  readonly first?: number | null;

  @Field(() => String, { nullable: true, description: 'Only what comes after this cursor.' })
  readonly after?: string | null;

  @Field(() => Int, { nullable: true, description: 'The last so many: 1 to 200. Not together with `first`.' })
  readonly last?: number | null;

  @Field(() => String, { nullable: true, description: 'Only what comes before this cursor.' })
  readonly before?: string | null;

  @Field(() => EmployeeFilter, { nullable: true })
  readonly filter?: EmployeeFilter | null;

  @Field(() => EmployeeOrder, { nullable: true, description: 'By id, smallest first, if nothing is said.' })
  readonly orderBy?: EmployeeOrder | null;

  @Field(() => ReadOptions, { nullable: true })
  readonly read?: ReadOptions | null;
}
