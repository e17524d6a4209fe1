import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import {
  execute,
  getOperationAST,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { allowEverybody, permissions, type Identity } from '../../../src/access/identity.js';
import { formatError } from '../../../src/http/format-error.js';
import { createPipeline } from '../../../src/http/pipeline.js';
import { FakeEmployees } from '../../support/fake-employees.js';
import { FakeReplicaSet } from '../../support/fake-replica-set.js';
import { someoneWho } from '../../support/identities.js';
import { ManualClock } from '../../support/manual-clock.js';
import { id, idempotencyKey, operations, salary, text, type Operation } from './generated-operations.js';

/*
 * Two worlds whose employees, and all that was done to them before, differ in nothing but salaries: who may not read
 * salaries cannot tell one from the other, whatever they send.
 */

const boss = someoneWho(...permissions);
const rules = specifiedRules.filter(
  (rule) => rule !== NoUnusedFragmentsRule && rule !== NoUnusedVariablesRule,
);
const { signal } = new AbortController();

class World {
  readonly #clock = new ManualClock();
  readonly #replicaSet = new FakeReplicaSet(this.#clock);
  readonly #pipeline = createPipeline({
    replicaSet: this.#replicaSet,
    clock: this.#clock,
    logger: pino({ enabled: false }),
    requestTimeoutMs: 1_000,
    authenticator: allowEverybody,
    introspection: true,
  });

  get schema(): GraphQLSchema {
    return this.#pipeline.schema;
  }

  /** Begins anew with other employees, and with no memory of any request. */
  populate(employees: FakeEmployees): void {
    this.#replicaSet.employees = employees;
  }

  /** What the cluster was asked since the last time, and what it holds beside salaries. */
  async takeTraces(): Promise<string> {
    // An answer that is null as a whole is there before the last of its fields is.
    for (let before = -1; before !== this.#replicaSet.calls.length;) {
      before = this.#replicaSet.calls.length;
      for (let turn = 0; turn < 3; turn++) await nextTurn();
    }
    const { calls, employees } = this.#replicaSet;
    return JSON.stringify({
      asked: calls.splice(0).map(({ fn, argument }) => [fn, argument]),
      people: [...employees.rows.values()].map(([number, name, position]) => [number, name, position]),
    });
  }

  /** As on every transport, up to the text that is sent. */
  async ask({ query, variables }: Operation, identity: Identity): Promise<string> {
    const pipeline = this.#pipeline;
    const { schema } = pipeline;
    const document = documentOf(query);
    const operation = getOperationAST(document);
    if (operation == null) throw new Error('There is no operation');
    const contextValue = pipeline.createContext({
      transport: 'http',
      byGet: false,
      requestId: '',
      idempotencyKey: null,
      signal,
      identity,
    });
    const { record } = contextValue;
    const format = (errors: readonly GraphQLError[]) => {
      pipeline.handleErrors(errors, { record, document, variables });
      return errors.map((error) => formatError(error.toJSON(), error));
    };
    const refusal = pipeline.admit({ document, operation, variables }, contextValue);
    if (refusal !== null) return JSON.stringify({ errors: format([refusal]) });
    const { data, errors = [] } = await execute({
      schema,
      document,
      variableValues: variables,
      contextValue,
    });
    return JSON.stringify({ data, errors: format(errors) });
  }
}

const worlds = [new World(), new World()] as const;
const { schema } = worlds[0];

/** Each text is parsed once, for both worlds. */
const documents = new Map<string, DocumentNode>();
function documentOf(query: string): DocumentNode {
  const document = documents.get(query) ?? parse(query);
  if (!documents.has(query)) expect(validate(schema, document, rules), query).toEqual([]);
  documents.set(query, document);
  return document;
}

/** A value for each world. */
const salaries = fc.tuple(salary, salary);
const people = fc.uniqueArray(fc.record({ id, name: text, position: text, salaries }), {
  selector: (person) => person.id,
});

/** What somebody who may do everything did before, with salaries of each world, and with keys that others may try. */
const deeds = fc.oneof(
  fc.record({ name: text, position: text, salaries, id, idempotencyKey }).map((given) => (world: 0 | 1) => {
    const { salaries: pay, ...employee } = given;
    return mutation('addEmployee', 'AddEmployeeInput', { ...employee, salary: pay[world] });
  }),
  fc.record({ id, salaries, expected: salaries, idempotencyKey }).map((given) => (world: 0 | 1) => {
    const { salaries: pay, expected, ...change } = given;
    const values = { ...change, salary: pay[world], expected: { salary: expected[world] } };
    return mutation('updateEmployee', 'UpdateEmployeeInput', values);
  }),
  fc
    .record({ id, idempotencyKey })
    .map((input) => (_world: 0 | 1) => mutation('removeEmployee', 'RemoveEmployeeInput', input)),
);

const mutation = (name: string, type: string, input: object): Operation => ({
  query: `mutation ($input: ${type}!) { ${name}(input: $input) { bookmark } }`,
  variables: { input },
});

const stories = fc.record({
  people,
  deeds: fc.array(deeds, { maxLength: 3 }),
  asker: fc.oneof(
    { weight: 3, arbitrary: fc.constant(someoneWho('employees:read', 'employees:write')) },
    fc.constant(someoneWho('employees:read')),
    fc.constant(someoneWho('employees:write')),
  ),
  operations: fc.array(operations, { minLength: 1, maxLength: 5 }),
  examinedPerCall: fc.integer({ min: 1, max: 9 }),
});

test('two worlds that differ in salaries only look the same to who may not read salaries', async () => {
  const answers = { refused: 0, executed: 0 };
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      for (const world of [0, 1] as const) {
        const employees = new FakeEmployees(
          story.people.map((person) => [person.id, person.name, person.position, person.salaries[world]]),
        );
        employees.examinedPerCall = story.examinedPerCall;
        worlds[world].populate(employees);
        for (const deed of story.deeds) await worlds[world].ask(deed(world), boss);
        await worlds[world].takeTraces();
      }
      const cursors: string[] = [];
      for (const generated of story.operations) {
        const operation = generated(schema, cursors);
        const here = await worlds[0].ask(operation, story.asker);
        const there = await worlds[1].ask(operation, story.asker);
        expect(there, operation.query).toBe(here);
        expect(await worlds[1].takeTraces(), operation.query).toBe(await worlds[0].takeTraces());
        cursors.push(...[...here.matchAll(/[cC]ursor":"([\w-]+)"/g)].map(([, cursor = '']) => cursor));
        answers[here.startsWith('{"errors"') ? 'refused' : 'executed'] += 1;
      }
    }),
    { numRuns: 250 },
  );
  // Both kinds come often, or little was tried.
  expect(answers.refused).toBeGreaterThan(150);
  expect(answers.executed).toBeGreaterThan(150);
});
