import { ApolloServer } from '@apollo/server';
import fastifyApollo, { fastifyApolloDrainPlugin } from '@as-integrations/fastify';
import Fastify from 'fastify';
import { Employees } from './employees.js';
import { type Context, createContext, resolvers, typeDefs } from './schema.js';

/** Apollo Server on Fastify, set up as its integration's documentation says, with nothing switched off. */
const employees = await Employees.connect();
const app = Fastify();
const apollo = new ApolloServer<Context>({ typeDefs, resolvers, plugins: [fastifyApolloDrainPlugin(app)] });
await apollo.start();
await app.register(fastifyApollo(apollo), { context: async () => createContext(employees) });
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
