import { HeaderMap } from '@apollo/server';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { allowEverybody } from '../../../src/access/identity.js';
import { systemClock } from '../../../src/clock.js';
import { createApolloServer } from '../../../src/http/apollo.js';
import { defaultLimits } from '../../../src/http/limits/limits.js';
import { createOperations } from '../../../src/http/operations.js';
import { createPipeline } from '../../../src/http/pipeline.js';
import { FakeReplicaSet } from '../../support/fake-replica-set.js';

test('Apollo Server neither parses nor validates: it executes what it is handed, or sends the refusal', async () => {
  const logger = pino({ level: 'silent' });
  const pipeline = createPipeline({
    replicaSet: new FakeReplicaSet(systemClock),
    clock: systemClock,
    logger,
    requestTimeoutMs: 1_000,
    authenticator: allowEverybody,
    introspection: true,
  });
  const operations = createOperations(pipeline, {
    introspection: true,
    limits: defaultLimits,
    rateLimiter: null,
    trustedDocuments: null,
  });
  const server = createApolloServer(pipeline, { operations, logger });
  const seen: string[] = [];
  server.addPlugin({
    requestDidStart: async () => ({
      parsingDidStart: async () => void seen.push('parsed'),
      validationDidStart: async () => void seen.push('validated'),
      executionDidStart: async () => void seen.push('executed'),
    }),
  });
  await server.start();

  async function post(query: string): Promise<unknown> {
    const { body } = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: 'POST',
        headers: new HeaderMap([['content-type', 'application/json']]),
        search: '',
        body: { query },
      },
      context: async () =>
        pipeline.createContext({
          transport: 'http',
          byGet: false,
          requestId: '1',
          idempotencyKey: null,
          signal: new AbortController().signal,
          identity: await allowEverybody.identify({ authorization: null, address: '127.0.0.1' }),
        }),
    });
    return body.kind === 'complete' ? JSON.parse(body.string) : null;
  }

  expect(await post('{ topology { term } }')).toEqual({ data: { topology: { term: 1 } } });
  expect(await post('{ nothing }')).toMatchObject({
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  expect(await post('{')).toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }] });
  expect(seen).toEqual(['executed']);
  await server.stop();
});
