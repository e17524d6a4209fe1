import type { ApolloClient } from '@apollo/client';
import { type ResultOf, initGraphQLTada } from 'gql.tada';
import type { introspection } from './graphql-env.js';

const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; ID: string };
}>();

// The types of variables and answer follow from this text and the schema; nothing is generated for it.
const staffQuery = graphql(`
  query Staff($first: Int!, $filter: EmployeeFilter) {
    employees(first: $first, filter: $filter, orderBy: { field: SALARY, direction: DESC }) {
      nodes {
        id
        name
        salary
      }
    }
  }
`);

type Row = ResultOf<typeof staffQuery>['employees']['nodes'][number];

/** One line for each of those who earn most. A salary is null for those who may not read it: the type says so. */
export async function payroll(client: ApolloClient, first: number): Promise<readonly string[]> {
  const { data } = await client.query({
    query: staffQuery,
    variables: { first, filter: { salary: { gte: 1 } } },
  });
  return (data?.employees.nodes ?? []).map(
    ({ id, name, salary }: Row) => `${id} ${name}: ${salary?.toFixed(0) ?? 'not to be read'}`,
  );
}
