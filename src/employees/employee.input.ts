import 'reflect-metadata';
import { Field, ID, InputType, Int } from 'type-graphql';

const keyDescription =
  'Makes a repetition safe: the same key with the same arguments is applied once and answers the same. ' +
  '1 to 128 visible ASCII characters; wins over the `Idempotency-Key` header; without either, the gateway makes one.';
const textDescription = '1 to 200 characters, not blank, no control characters.';
const salaryDescription = 'From 0 to 2147483647.';
const keepDescription = 'Leave it out to keep what is there.';

@InputType({ description: 'Somebody to be added.' })
export class NewEmployeeInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'From 1 to 9007199254740991, and not taken. Leave it out and the cluster numbers the employee.',
  })
  readonly id?: string | null;

  @Field(() => String, { description: textDescription })
  readonly name!: string;

  @Field(() => String, { description: textDescription })
  readonly position!: string;

  @Field(() => Int, { description: salaryDescription })
  readonly salary!: number;
}

@InputType()
export class AddEmployeeInput extends NewEmployeeInput {
  @Field(() => String, { nullable: true, description: keyDescription })
  readonly idempotencyKey?: string | null;
}

@InputType()
export class AddEmployeesInput {
  @Field(() => [NewEmployeeInput], { description: '1 to 100. All are added, or none.' })
  readonly employees!: readonly NewEmployeeInput[];

  @Field(() => String, { nullable: true, description: keyDescription })
  readonly idempotencyKey?: string | null;
}

@InputType({
  description: 'What the employee must still be for a change to be made. What is left out may be anything.',
})
export class ExpectedEmployeeInput {
  @Field(() => String, { nullable: true })
  readonly name?: string | null;

  @Field(() => String, { nullable: true })
  readonly position?: string | null;

  @Field(() => Int, { nullable: true })
  readonly salary?: number | null;
}

@InputType({ description: 'Give at least one of name, position and salary.' })
export class UpdateEmployeeInput {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String, { nullable: true, description: `${textDescription} ${keepDescription}` })
  readonly name?: string | null;

  @Field(() => String, { nullable: true, description: `${textDescription} ${keepDescription}` })
  readonly position?: string | null;

  @Field(() => Int, { nullable: true, description: `${salaryDescription} ${keepDescription}` })
  readonly salary?: number | null;

  @Field(() => ExpectedEmployeeInput, {
    nullable: true,
    description:
      'The employee as you saw it: if it is another by now, nothing is changed and the error is EMPLOYEE_CHANGED. So nobody ' +
      'overwrites what somebody else has changed meanwhile.',
  })
  readonly expected?: ExpectedEmployeeInput | null;

  @Field(() => String, { nullable: true, description: keyDescription })
  readonly idempotencyKey?: string | null;
}

@InputType()
export class RemoveEmployeeInput {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String, { nullable: true, description: keyDescription })
  readonly idempotencyKey?: string | null;
}
