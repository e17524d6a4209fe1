import { lexicographicSortSchema, printSchema, type GraphQLSchema } from 'graphql';
import { buildSchemaSync, type PubSub } from 'type-graphql';
import { EmployeeResolver } from '../employees/employee.resolver.js';
import { LeadershipResolver } from '../leadership/leadership.resolver.js';
import { callDirectly } from './direct-resolvers.js';

// type-graphql asks for one as soon as there is a subscription, also when each brings its own source, as ours do.
const noPubSub: PubSub = {
  publish() {
    throw new Error('Subscriptions have sources of their own');
  },
  subscribe() {
    throw new Error('Subscriptions have sources of their own');
  },
};

/** The schema. It connects to nothing: what its resolvers need comes with the context of each operation. */
export function buildGatewaySchema(): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: [EmployeeResolver, LeadershipResolver],
    validate: false,
    // Apollo Server checks it when it starts.
    skipCheck: true,
    pubSub: noPubSub,
  });
  callDirectly(schema);
  return schema;
}

/** The schema as a text, the same whatever the order of the code: schema.graphql, also for clients to download. */
export function printGatewaySchema(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
