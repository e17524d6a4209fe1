import Fastify from 'fastify';
import mercurius from 'mercurius';
import { Employees } from './employees.js';
import { type Context, createContext, resolvers, typeDefs } from './schema.js';

declare module 'mercurius' {
  interface MercuriusContext extends Context {}
}

/** Mercurius with graphql-jit, which compiles an operation when it has been asked for once. */
const employees = await Employees.connect();
const app = Fastify();
await app.register(mercurius, {
  schema: typeDefs,
  resolvers,
  jit: 1,
  context: () => createContext(employees),
});
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
