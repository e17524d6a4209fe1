import { type Employees, type NewEmployee, type Row, toEmployee } from './employees.js';

/** An operation by its name, as clients send it beside the text. */
export interface Operation {
  readonly operationName: string;
  readonly variables: {
    readonly id: string;
    readonly ids: readonly string[];
    readonly first: number;
    readonly input: NewEmployee;
  };
}

/** What the operations that are measured come down to without GraphQL: one call each. */
export function fetchRows(
  employees: Employees,
  { operationName, variables: { id, ids, first, input } }: Operation,
): Promise<readonly Row[]> {
  switch (operationName) {
    case 'PointRead':
      return employees.get([Number(id)]);
    case 'Aliases':
      return employees.get(ids.map(Number));
    case 'List':
      return employees.page(first);
    case 'AddEmployee':
      return employees.add(input).then((row) => [row]);
    default:
      throw new Error(`There is no operation ${operationName}`);
  }
}

/** The answer as GraphQL would give it. */
export function answerOf({ operationName }: Operation, rows: readonly Row[]): object {
  const found = rows.map(toEmployee);
  switch (operationName) {
    case 'List':
      return { data: { employees: { nodes: found } } };
    case 'Aliases':
      return { data: Object.fromEntries(found.map((employee, index) => [`employee${index}`, employee])) };
    case 'AddEmployee':
      return { data: { addEmployee: { employee: found[0] } } };
    default:
      return { data: { employee: found[0] } };
  }
}
