import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, ID, Info, Mutation, Query, Resolver } from 'type-graphql';
import { EmployeeConnection } from './employee-connection.js';
import { parsePageRequest, readPage } from './employee-page.js';
import type { EmployeeContext } from './employee.context.js';
import {
  AddEmployeeInput,
  AddEmployeesInput,
  RemoveEmployeeInput,
  UpdateEmployeeInput,
} from './employee.input.js';
import { EmployeesArgs, ReadOptions } from './employee.query.js';
import type { WriteCall } from './employee.store.js';
import {
  AddEmployeePayload,
  AddEmployeesPayload,
  Employee,
  RemoveEmployeePayload,
  UpdateEmployeePayload,
} from './employee.type.js';
import { parseChanges, parseEmployeeId, parseNewEmployee, parseNewEmployees } from './employee.validation.js';
import { parseReadMode } from './read-mode.js';

@Resolver(() => Employee)
export class EmployeeResolver {
  @Query(() => Employee, { nullable: true, description: 'Null when nobody has the id.' })
  employee(
    @Arg('id', () => ID) id: string,
    @Arg('read', () => ReadOptions, { nullable: true }) read: ReadOptions | undefined,
    @Ctx() context: EmployeeContext,
  ): Promise<Employee | null> {
    return context.finder.find(parseEmployeeId(id, 'id'), parseReadMode(read), context);
  }

  @Query(() => EmployeeConnection, {
    description:
      'Pages by key: rows that come and go elsewhere neither shift nor repeat what is on the next page.',
  })
  employees(
    @Args(() => EmployeesArgs) args: EmployeesArgs,
    @Ctx() { lists, deadlineAt, signal }: EmployeeContext,
  ): Promise<EmployeeConnection> {
    return readPage(parsePageRequest(args), lists, { mode: parseReadMode(args.read), deadlineAt, signal });
  }

  @Mutation(() => AddEmployeePayload, { description: 'EMPLOYEE_EXISTS when the id is taken.' })
  async addEmployee(
    @Arg('input', () => AddEmployeeInput) input: AddEmployeeInput,
    @Ctx() context: EmployeeContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<AddEmployeePayload> {
    const call = writeCall(input, context, info);
    const { result: employee, bookmark } = await context.store.add(parseNewEmployee(input, 'input'), call);
    return { employee, bookmark };
  }

  @Mutation(() => AddEmployeesPayload, {
    description: 'Adds all or none. EMPLOYEE_EXISTS when one of the ids is taken.',
  })
  async addEmployees(
    @Arg('input', () => AddEmployeesInput) input: AddEmployeesInput,
    @Ctx() context: EmployeeContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<AddEmployeesPayload> {
    const call = writeCall(input, context, info);
    const given = parseNewEmployees(input.employees, 'input.employees');
    const { result: employees, bookmark } = await context.store.addAll(given, call);
    return { employees, bookmark };
  }

  @Mutation(() => UpdateEmployeePayload, {
    description: 'EMPLOYEE_NOT_FOUND when nobody has the id, EMPLOYEE_CHANGED when it is not as expected.',
  })
  async updateEmployee(
    @Arg('input', () => UpdateEmployeeInput) input: UpdateEmployeeInput,
    @Ctx() context: EmployeeContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<UpdateEmployeePayload> {
    const call = writeCall(input, context, info);
    const id = parseEmployeeId(input.id, 'input.id');
    const { result: employee, bookmark } = await context.store.update(id, parseChanges(input), call);
    return { employee, bookmark };
  }

  @Mutation(() => RemoveEmployeePayload, { description: 'EMPLOYEE_NOT_FOUND when nobody has the id.' })
  async removeEmployee(
    @Arg('input', () => RemoveEmployeeInput) input: RemoveEmployeeInput,
    @Ctx() context: EmployeeContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RemoveEmployeePayload> {
    const call = writeCall(input, context, info);
    const id = parseEmployeeId(input.id, 'input.id');
    const { result: employee, bookmark } = await context.store.remove(id, call);
    return { employee, bookmark };
  }
}

function writeCall(
  input: { readonly idempotencyKey?: string | null },
  { idempotencyKeys, repeatableBy, deadlineAt, signal }: EmployeeContext,
  { path }: GraphQLResolveInfo,
): WriteCall {
  const idempotencyKey = idempotencyKeys.next(input.idempotencyKey, path.key);
  return { idempotencyKey, repeatableBy, deadlineAt, signal };
}
