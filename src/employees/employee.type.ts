import 'reflect-metadata';
import { Field, ID, Int, ObjectType } from 'type-graphql';

// Plain property reads are five times faster than resolvers with middleware: no field here may need more.
@ObjectType({ simpleResolvers: true, description: 'Somebody who works here.' })
export class Employee {
  @Field(() => ID, { description: 'A whole number from 1 to 9007199254740991, as text.' })
  readonly id!: number;

  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly position!: string;

  @Field(() => Int, {
    nullable: true,
    description:
      'In whole units of currency. Null, with an error at its path, for those who may not read salaries.',
  })
  readonly salary!: number;
}

const bookmarkDescription =
  'Marks this mutation: a later read on a replica or a named node that is given it as `read.bookmark` includes it. The same for ' +
  'every repetition.';

@ObjectType({ simpleResolvers: true, description: 'What `addEmployee` did.' })
export class AddEmployeePayload {
  @Field(() => Employee, { description: 'As stored, with its id.' })
  readonly employee!: Employee;

  @Field(() => String, { description: bookmarkDescription })
  readonly bookmark!: string;
}

@ObjectType({ simpleResolvers: true, description: 'What `addEmployees` did.' })
export class AddEmployeesPayload {
  @Field(() => [Employee], { description: 'As stored, with their ids, in the order of the request.' })
  readonly employees!: readonly Employee[];

  @Field(() => String, { description: bookmarkDescription })
  readonly bookmark!: string;
}

@ObjectType({ simpleResolvers: true, description: 'What `updateEmployee` did.' })
export class UpdateEmployeePayload {
  @Field(() => Employee, { description: 'As it is now.' })
  readonly employee!: Employee;

  @Field(() => String, { description: bookmarkDescription })
  readonly bookmark!: string;
}

@ObjectType({ simpleResolvers: true, description: 'What `removeEmployee` did.' })
export class RemoveEmployeePayload {
  @Field(() => Employee, { description: 'As it was when it was removed.' })
  readonly employee!: Employee;

  @Field(() => String, { description: bookmarkDescription })
  readonly bookmark!: string;
}
