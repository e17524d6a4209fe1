import type { GraphQLAnswer, GraphQLClient } from './graphql-client.js';
import type { Outcome } from './history.js';

/** A row as a client gives it. */
export interface EmployeeRow {
  readonly name: string;
  readonly position: string;
  readonly salary: number;
}

/** A row as the cluster has it. */
export interface StoredEmployee extends EmployeeRow {
  readonly id: number;
}

/** Which rows are wanted: all that are left out may be anything. As `EmployeeFilter` of the schema. */
export interface RowFilter {
  readonly name?: { readonly startsWith: string };
  readonly position?: { readonly eq: string };
}

/** Who is asked for a read. */
export type ReadOptions =
  { readonly consistency: 'LEADER' | 'LINEARIZABLE' | 'REPLICA' } | { readonly node: string };

/** Told by the gateway: nothing was applied, and nothing will be. */
const notApplied: ReadonlySet<string> = new Set(['CLUSTER_UNAVAILABLE', 'OVERLOADED']);
/** The cluster has looked, and said no. */
const refusals: ReadonlySet<string> = new Set(['EMPLOYEE_CHANGED', 'EMPLOYEE_EXISTS', 'EMPLOYEE_NOT_FOUND']);
/** What a client must be ready to hear while nodes die. Any other code is a defect. */
const foreseen: ReadonlySet<string> = new Set([...notApplied, ...refusals, 'OUTCOME_UNKNOWN']);

/** A gateway answers by its deadline: whoever hears nothing for so much longer gives up. */
const patienceMs = 5_000;
const pageSize = 200;

/** What was heard, for the report. */
export interface Answers {
  /** Requests by what they were answered with: `ok`, or the code. */
  readonly byCode: ReadonlyMap<string, number>;
  /** Answers that no client should ever get, and requests that got none; the first few. */
  readonly unforeseen: readonly string[];
  readonly slowestMs: number;
}

/** The employees as a client of the gateway sees them. Every method settles, and only `allOn` rejects. */
export class EmployeesApi {
  readonly #client: GraphQLClient;
  readonly #requestTimeoutMs: number;
  readonly #byCode = new Map<string, number>();
  readonly #unforeseen: string[] = [];
  readonly #acknowledgedAt: number[] = [];
  #slowestMs = 0;

  constructor(client: GraphQLClient, requestTimeoutMs: number) {
    this.#client = client;
    this.#requestTimeoutMs = requestTimeoutMs;
  }

  get answers(): Answers {
    return { byCode: this.#byCode, unforeseen: this.#unforeseen, slowestMs: this.#slowestMs };
  }

  /** When each write was acknowledged so far, in order. */
  get acknowledgedAt(): readonly number[] {
    return this.#acknowledgedAt;
  }

  /** `ok` has the id. */
  async add(row: EmployeeRow, idempotencyKey: string): Promise<Outcome> {
    const query =
      'mutation ($input: AddEmployeeInput!) { result: addEmployee(input: $input) { employee { id } } }';
    const answer = await this.#write(query, { input: { ...row, idempotencyKey } });
    return outcomeOf(answer, (result) => Number(fieldsOf(fieldsOf(result)['employee'])['id']));
  }

  /** All or none. */
  async addAll(employees: readonly EmployeeRow[]): Promise<Outcome> {
    const query =
      'mutation ($input: AddEmployeesInput!) { result: addEmployees(input: $input) { employees { id } } }';
    return outcomeOf(await this.#write(query, { input: { employees } }), () => null);
  }

  /** Sets a salary, only while it is `expected` if that is given. `ok` has the new one. */
  async setSalary(
    id: number,
    { salary, expected, idempotencyKey }: { salary: number; expected?: number; idempotencyKey: string },
  ): Promise<Outcome> {
    const query =
      'mutation ($input: UpdateEmployeeInput!) { result: updateEmployee(input: $input) { employee { salary } } }';
    const condition = expected === undefined ? {} : { expected: { salary: expected } };
    const answer = await this.#write(query, { input: { id, salary, idempotencyKey, ...condition } });
    return outcomeOf(answer, (result) => Number(fieldsOf(fieldsOf(result)['employee'])['salary']));
  }

  /** `ok` has the salary, or null for nobody. */
  async salaryOf(id: number, read: ReadOptions): Promise<Outcome> {
    const query =
      'query ($id: ID!, $read: ReadOptions) { result: employee(id: $id, read: $read) { salary } }';
    const answer = await this.#ask(query, { id, read });
    return outcomeOf(answer, (result) => (result === null ? null : Number(fieldsOf(result)['salary'])));
  }

  /** How many hold a position, counted in one page; null without an answer. */
  async countOf(position: string, read: ReadOptions): Promise<number | null> {
    const query =
      'query ($position: String!, $read: ReadOptions) { result: employees(first: 200, filter: {position: {eq: $position}}, read: $read) { nodes { id } } }';
    const answer = await this.#ask(query, { position, read });
    return answer.kind === 'data' ? listOf(fieldsOf(answer.data['result'])['nodes']).length : null;
  }

  /** Removes somebody. */
  async remove(id: number, idempotencyKey: string): Promise<Outcome> {
    const query =
      'mutation ($input: RemoveEmployeeInput!) { result: removeEmployee(input: $input) { employee { id } } }';
    return outcomeOf(await this.#write(query, { input: { id, idempotencyKey } }), () => null);
  }

  /** Employees on one node, all of them if no filter says otherwise. Rejects when a page cannot be had. */
  async allOn(node: string, filter: RowFilter = {}): Promise<readonly StoredEmployee[]> {
    const query =
      'query ($after: String, $filter: EmployeeFilter, $read: ReadOptions) { result: employees(first: 200, after: $after, filter: $filter, read: $read) { nodes { id name position salary } pageInfo { endCursor } } }';
    const rows: StoredEmployee[] = [];
    for (let after: unknown = null; ;) {
      const answer = await this.#ask(query, { after, filter, read: { node } });
      if (answer.kind !== 'data')
        throw new Error(`The rows of ${node} could not be read: ${reasonOf(answer)}`);
      const page = fieldsOf(answer.data['result']);
      const nodes = listOf(page['nodes']).map(fieldsOf);
      for (const { id, name, position, salary } of nodes)
        rows.push({
          id: Number(id),
          name: String(name),
          position: String(position),
          salary: Number(salary),
        });
      if (nodes.length < pageSize) return rows;
      after = fieldsOf(page['pageInfo'])['endCursor'];
    }
  }

  /** Who leads, as the gateway sees it; null when nobody does, or without an answer. */
  async leader(): Promise<string | null> {
    const answer = await this.#ask('{ result: topology { leader { name } } }', {});
    if (answer.kind !== 'data') return null;
    const { name } = fieldsOf(fieldsOf(answer.data['result'])['leader']);
    return typeof name === 'string' ? name : null;
  }

  /** Whether the schema has a value in an enum of its own; checks on what it has not are left out. */
  async offers(enumName: string, value: string): Promise<boolean> {
    const query = 'query ($name: String!) { result: __type(name: $name) { enumValues { name } } }';
    const answer = await this.#ask(query, { name: enumName });
    if (answer.kind !== 'data') return false;
    const values = listOf(fieldsOf(answer.data['result'])['enumValues']).map(fieldsOf);
    return values.some(({ name }) => name === value);
  }

  async #write(query: string, variables: Readonly<Record<string, unknown>>): Promise<GraphQLAnswer> {
    const answer = await this.#ask(query, variables);
    if (answer.kind === 'data') this.#acknowledgedAt.push(performance.now());
    return answer;
  }

  async #ask(query: string, variables: Readonly<Record<string, unknown>>): Promise<GraphQLAnswer> {
    const signal = AbortSignal.timeout(this.#requestTimeoutMs + patienceMs);
    const startedAt = performance.now();
    const answer = await this.#client.ask({ query, variables, signal });
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startedAt);
    this.#note(answer);
    return answer;
  }

  #note(answer: GraphQLAnswer): void {
    const code = answer.kind === 'data' ? 'ok' : answer.kind === 'refused' ? answer.code : 'UNANSWERED';
    this.#byCode.set(code, (this.#byCode.get(code) ?? 0) + 1);
    const isForeseen = answer.kind === 'data' || foreseen.has(code);
    if (!isForeseen && this.#unforeseen.length < 20) this.#unforeseen.push(`${code}: ${reasonOf(answer)}`);
  }
}

function outcomeOf(answer: GraphQLAnswer, valueOf: (result: unknown) => number | null): Outcome {
  if (answer.kind === 'data') return { kind: 'ok', value: valueOf(answer.data['result']) };
  if (answer.kind === 'unanswered') return { kind: 'unknown', code: 'UNANSWERED' };
  const { code } = answer;
  if (notApplied.has(code)) return { kind: 'failed', code };
  return { kind: refusals.has(code) ? 'refused' : 'unknown', code };
}

function reasonOf(answer: GraphQLAnswer): string {
  if (answer.kind === 'unanswered') return answer.problem;
  return answer.kind === 'refused' ? answer.problems.map(({ message }) => message).join('; ') : '';
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => ({ ...Object(value) });
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
