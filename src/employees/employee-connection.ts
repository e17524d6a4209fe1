import { Field, Int, ObjectType } from 'type-graphql';
import { Employee } from './employee.type.js';

/*
 * Fields that are functions are called by GraphQL's default resolver, and only when a client selects them: a page
 * costs one call, the far end of a page and the total cost more.
 */

@ObjectType({ simpleResolvers: true })
export class EmployeeEdge {
  @Field(() => Employee)
  readonly node!: Employee;

  @Field(() => String, {
    description: 'Opaque. Good for this order and this filter, also when the node is gone.',
  })
  readonly cursor!: string;
}

@ObjectType({ simpleResolvers: true })
export class PageInfo {
  @Field(() => Boolean, {
    description:
      'With `first`: whether more follow, up to `before`. With `last`: whether any follow at all, which costs a read.',
  })
  readonly hasNextPage!: () => Promise<boolean>;

  @Field(() => Boolean, {
    description:
      'With `last`: whether more precede, down to `after`. With `first`: whether any precede at all, which costs a read.',
  })
  readonly hasPreviousPage!: () => Promise<boolean>;

  @Field(() => String, { nullable: true })
  readonly startCursor!: string | null;

  @Field(() => String, { nullable: true })
  readonly endCursor!: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'One page of employees, in the order that was asked for.' })
export class EmployeeConnection {
  @Field(() => [EmployeeEdge])
  readonly edges!: () => readonly EmployeeEdge[];

  @Field(() => [Employee])
  readonly nodes!: readonly Employee[];

  @Field(() => PageInfo)
  readonly pageInfo!: PageInfo;

  @Field(() => Int, {
    description:
      'How many match the filter, on all pages. Counted only when asked for, after the page was read.',
  })
  readonly totalCount!: () => Promise<number>;

  @Field(() => String, {
    nullable: true,
    description:
      'Name of the node that the rows of this page came from. Null when none had to be asked, for a filter that nothing fits.',
  })
  readonly answeredBy!: string | null;
}
