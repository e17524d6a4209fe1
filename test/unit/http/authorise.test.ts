import { getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Identity, Permission } from '../../../src/access/identity.js';
import { rights as tableOfRights } from '../../../src/access/rights.js';
import { createAuthoriser } from '../../../src/http/authorise.js';
import { buildGatewaySchema } from '../../../src/http/build-schema.js';
import { checkRights } from '../../../src/http/check-rights.js';
import { createPermissionsAtMost } from '../../../src/http/permissions-at-most.js';

const schema = buildGatewaySchema();
const rights = checkRights(tableOfRights, schema);
const permissionsAtMost = createPermissionsAtMost(schema, rights);
const authorise = createAuthoriser(schema, rights);

function operationIn(text: string) {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (operation == null) throw new Error('There is no operation');
  return { document, operation };
}

const holding = (...permissions: readonly Permission[]): Identity => ({
  subject: 'ada',
  permissions: new Set(permissions),
  expiresAt: null,
});

describe('what an operation can need at most', () => {
  test.each<[string, readonly Permission[]]>([
    ['{ __typename __schema { types { name } } }', []],
    ['{ employee(id: 1) { salary } }', ['employees:read']],
    ['{ employees(first: 1) { totalCount } }', ['employees:read']],
    ['query ($n: Int) { employees(first: $n) { totalCount } }', ['employees:read']],
    ['{ employees(filter: { name: { eq: "a" } }) { totalCount } }', ['employees:read', 'salaries:read']],
    [
      'query ($o: EmployeeOrder) { employees(orderBy: $o) { totalCount } }',
      ['employees:read', 'salaries:read'],
    ],
    ['{ topology @skip(if: true) { term } }', ['cluster:read']],
    ['{ ...A } fragment A on Query { ... { topology { term } } ...A }', ['cluster:read']],
    ['mutation { removeEmployee(input: { id: 1 }) { bookmark } }', ['employees:write']],
    ['mutation { updateEmployee(input: { id: 1 }) { bookmark } }', ['employees:write', 'salaries:read']],
    ['subscription { topologyChanged { term } }', ['cluster:read']],
  ])('%s', (text, expected) => {
    const { document, operation } = operationIn(text);
    expect([...permissionsAtMost(operation, document)].toSorted()).toEqual(expected.toSorted());
  });
});

test('variables are looked at for those only who may not do all of that', () => {
  let looks = 0;
  const variables = {
    get n(): number {
      looks += 1;
      return 1;
    },
  };
  const asked = { ...operationIn('query ($n: Int) { employees(first: $n) { totalCount } }'), variables };
  expect(authorise(asked, holding('employees:read'))).toBeNull();
  expect(looks).toBe(0);
  expect(authorise(asked, holding('cluster:read'))).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
  expect(looks).toBeGreaterThan(0);
});

test('who lacks some of it is let in when the values ask for none of that', () => {
  const ordered = operationIn('query ($o: EmployeeOrder) { employees(orderBy: $o) { totalCount } }');
  const reader = holding('employees:read');
  expect(authorise({ ...ordered, variables: { o: { field: 'NAME' } } }, reader)).toBeNull();
  expect(authorise({ ...ordered, variables: { o: { field: 'SALARY' } } }, reader)).toMatchObject({
    extensions: { code: 'FORBIDDEN', coordinate: 'EmployeeOrderField.SALARY', permission: 'salaries:read' },
  });
});
