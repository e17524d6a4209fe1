import DataLoader from 'dataloader';
import { type Employee, type Employees, type NewEmployee, toEmployee } from './employees.js';

/** What both GraphQL servers serve: the part of the gateway's schema that is measured. */
export const typeDefs = `
  type Employee { id: ID!  name: String!  position: String!  salary: Int }
  type EmployeeConnection { nodes: [Employee!]! }
  type AddEmployeePayload { employee: Employee! }
  input AddEmployeeInput { name: String!  position: String!  salary: Int! }
  type Query {
    employee(id: ID!): Employee
    employees(first: Int = 20): EmployeeConnection!
  }
  type Mutation { addEmployee(input: AddEmployeeInput!): AddEmployeePayload! }
`;

/** One per operation: employees asked for together are fetched together, as by the gateway. */
export interface Context {
  readonly employees: Employees;
  readonly loader: DataLoader<string, Employee | null>;
}

export function createContext(employees: Employees): Context {
  const loader = new DataLoader<string, Employee | null>(async (ids) => {
    const rows = await employees.get(ids.map(Number));
    const found = new Map(rows.map((row) => [String(row[0]), toEmployee(row)]));
    return ids.map((id) => found.get(id) ?? null);
  });
  return { employees, loader };
}

export const resolvers = {
  Query: {
    employee: (_: unknown, { id }: { id: string }, { loader }: Context) => loader.load(id),
    employees: async (_: unknown, { first }: { first: number }, { employees }: Context) => ({
      nodes: (await employees.page(first)).map(toEmployee),
    }),
  },
  Mutation: {
    addEmployee: async (_: unknown, { input }: { input: NewEmployee }, { employees }: Context) => ({
      employee: toEmployee(await employees.add(input)),
    }),
  },
};
