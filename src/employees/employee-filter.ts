import { BadInputError } from '../bad-input.js';
import type { EmployeeFilter } from './employee.query.js';

type Value = string | number;
type Tests = Readonly<Record<string, Value | readonly Value[]>>;

/** A filter as the Lua functions take it. */
export type RowFilter = Readonly<Partial<Record<'name' | 'position' | 'salary', Tests>>>;

const everybody: RowFilter = {};
const maxListLength = 100;
// No name or position is longer, counted in characters and not in UTF-16 units.
const storable = /^.{0,200}$/su;
// UTF-8 cannot hold it: on its way to a node it would become U+FFFD, and find names that have that.
const halfOfAPair = /\p{Cs}/u;

/** Tests in the order in which they are sent, with their names in Lua. */
const textTests = { eq: 'eq', in: 'in', startsWith: 'starts_with', contains: 'contains' };
const numberTests = { eq: 'eq', in: 'in', gt: 'gt', gte: 'gte', lt: 'lt', lte: 'lte' };

/** @throws BadInputError for what can match nothing: a list or a text that is too long, half a character. */
export function parseFilter(filter: EmployeeFilter | null | undefined): RowFilter {
  if (filter == null) return everybody;
  return {
    ...(filter.name && { name: testsOf(filter.name, textTests, 'filter.name') }),
    ...(filter.position && { position: testsOf(filter.position, textTests, 'filter.position') }),
    ...(filter.salary && { salary: testsOf(filter.salary, numberTests, 'filter.salary') }),
  };
}

/** Whether the filter asks for one of no values: then there is no need to look. */
export function matchesNothing(filter: RowFilter): boolean {
  return Object.values(filter).some(({ in: list }) => Array.isArray(list) && list.length === 0);
}

function testsOf(given: object, names: Readonly<Record<string, string>>, field: string): Tests {
  const values = new Map<string, Value | readonly Value[] | null | undefined>(Object.entries(given));
  const tests: Record<string, Value | readonly Value[]> = {};
  for (const [name, luaName] of Object.entries(names)) {
    const value = values.get(name);
    if (value == null) continue;
    const path = `${field}.${name}`;
    tests[luaName] = typeof value === 'object' ? parseList(value, path) : parseValue(value, path);
  }
  return tests;
}

function parseList(values: readonly Value[], field: string): readonly Value[] {
  if (values.length > maxListLength) {
    throw new BadInputError(field, `must hold ${maxListLength} values at most, not ${values.length}`);
  }
  return values.map((value, index) => parseValue(value, `${field}[${index}]`));
}

function parseValue(value: Value, field: string): Value {
  if (typeof value === 'string' && !storable.test(value)) {
    throw new BadInputError(field, 'must be 200 characters long at most');
  }
  if (typeof value === 'string' && halfOfAPair.test(value)) {
    throw new BadInputError(field, 'must not contain half of a surrogate pair');
  }
  return value;
}
