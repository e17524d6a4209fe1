// Writes the types of the schema for gql.tada. Usage: node generate.js SCHEMA OUTPUT
import { readFile, writeFile } from 'node:fs/promises';
import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal';
import { buildSchema, introspectionFromSchema } from 'graphql';

const [schemaFile = 'schema.graphql', outputFile = 'graphql-env.d.ts'] = process.argv.slice(2);
const schema = buildSchema(await readFile(schemaFile, 'utf8'));
const introspection = minifyIntrospection({ name: undefined, ...introspectionFromSchema(schema) });
const types = outputIntrospectionFile(introspection, { fileType: '.d.ts', shouldPreprocess: true });
await writeFile(outputFile, types);
