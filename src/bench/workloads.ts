import type { CheckedRequest } from './check-answer.js';
import { type Person, firstNewId, people, personAt } from './people.js';

/** What clients ask for again and again. */
export interface Workload {
  readonly name: string;
  /** Asked for in turn. */
  readonly requests: readonly [CheckedRequest, ...CheckedRequest[]];
}

/** Different ids, so that no server answers from memory. */
const pointReads = 500;
const aliases = 100;

const fields = '{ id name position salary }';
const pointQuery = `query PointRead($id: ID!) { employee(id: $id) ${fields} }`;
const listQuery = `query List($first: Int!) { employees(first: $first) { nodes ${fields} } }`;
const addMutation = `mutation AddEmployee($input: AddEmployeeInput!) { addEmployee(input: $input) { employee ${fields} } }`;

/** In the order in which they are measured. */
export const workloads: readonly [Workload, ...Workload[]] = [
  { name: 'point read', requests: many(pointRead) },
  { name: 'list of 20', requests: [list(20)] },
  { name: 'list of 200', requests: [list(200)] },
  { name: 'different lists', requests: differentLists() },
  { name: '100 aliases', requests: [manyAliases()] },
  { name: 'mutation', requests: [addition()] },
  { name: '90 % reads', requests: many(mixed) },
];

function many(make: (index: number) => CheckedRequest): Workload['requests'] {
  return [make(0), ...Array.from({ length: pointReads - 1 }, (_, index) => make(index + 1))];
}

/** Of 11 to 30: nobody can read once what several ask for. */
function differentLists(): Workload['requests'] {
  return [list(11), ...Array.from({ length: 19 }, (_, index) => list(12 + index))];
}

/** Of ten: six point reads, three lists of 20, one mutation. */
function mixed(index: number): CheckedRequest {
  const place = index % 10;
  if (place === 9) return addition();
  return place % 3 === 2 || place === 7 ? list(20) : pointRead(index);
}

function pointRead(index: number): CheckedRequest {
  const person = personAt((index * 19) % pointReads);
  return request({
    operationName: 'PointRead',
    query: pointQuery,
    variables: { id: String(person.id) },
    data: { employee: answered(person) },
  });
}

function list(first: number): CheckedRequest {
  return request({
    operationName: 'List',
    query: listQuery,
    variables: { first },
    data: { employees: { nodes: people(first).map(answered) } },
  });
}

/** The ids stand in the text, as they do where somebody joins a hundred questions into one; beside it for who reads no GraphQL. */
function manyAliases(): CheckedRequest {
  const wanted = people(aliases);
  const selections = wanted.map(({ id }, index) => `employee${index}: employee(id: "${id}") ${fields}`);
  return request({
    operationName: 'Aliases',
    query: `query Aliases { ${selections.join(' ')} }`,
    variables: { ids: wanted.map(({ id }) => String(id)) },
    data: Object.fromEntries(wanted.map((person, index) => [`employee${index}`, answered(person)])),
  });
}

function addition(): CheckedRequest {
  const input = { name: 'Somebody New', position: 'Newcomer', salary: 4_000 };
  return request({
    operationName: 'AddEmployee',
    query: addMutation,
    variables: { input },
    data: { addEmployee: { employee: { id: String(firstNewId), ...input } } },
  });
}

function request({
  data,
  ...sent
}: {
  operationName: string;
  query: string;
  variables: object;
  data: object;
}): CheckedRequest {
  return { body: JSON.stringify(sent), expected: JSON.stringify({ data }) };
}

function answered({ id, ...rest }: Person): object {
  return { id: String(id), ...rest };
}
