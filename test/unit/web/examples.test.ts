import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { buildGatewaySchema } from '../../../src/http/build-schema.js';
import { examples } from '../../../web/examples.js';

const schema = buildGatewaySchema();

test.each(examples)('The example "$name" fits the schema', ({ query }) => {
  expect(validate(schema, parse(query))).toEqual([]);
});
