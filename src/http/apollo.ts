import { ApolloServer, HeaderMap, type ApolloServerPlugin, type GraphQLRequestContext } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { parse, type DocumentNode, type GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { formatError } from './format-error.js';
import { headOf, statusForJson } from './operation-refusal.js';
import type { Operations } from './operations.js';
import type { GatewayContext, Pipeline } from './pipeline.js';

/**
 * Apollo Server, for operations over HTTP: it reads requests, executes, and writes responses. In between, it gets each
 * operation parsed and validated from `operations`, as the other transports do. It watches no signal, calls nobody and
 * serves no page.
 */
export function createApolloServer(
  pipeline: Pipeline,
  { operations, logger }: { readonly operations: Operations; readonly logger: Logger },
): ApolloServer<GatewayContext> {
  return new ApolloServer<GatewayContext>({
    schema: pipeline.schema,
    logger,
    formatError,
    csrfPrevention: true,
    // Both are ours: see `resolveOperations`.
    persistedQueries: false,
    documentStore: null,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [
      resolveOperations(operations),
      handleErrors(pipeline),
      answerErrorsByMediaType,
      countResults,
      // It wraps the resolver of every field, which halves the speed of a list, and we set no cache hints.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}

const nothing = '{ __typename }';
const nothingDocument = parse(nothing);

/**
 * Before Apollo Server looks at an operation, `operations` does. It finds a document there already, and neither parses nor
 * validates: without a store of documents of its own it leaves that one alone. Of an operation that is refused it sees
 * nothing at all, and sends the answer that it is given.
 */
function resolveOperations(operations: Operations): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart(requestContext) {
      const { request, contextValue } = requestContext;
      const resolved = operations.resolve(request, contextValue);
      if ('document' in resolved) {
        present(requestContext, resolved.document);
        return undefined;
      }
      present(requestContext, nothingDocument);
      delete request.operationName;
      const response = refusal(resolved, { operations, requestContext });
      return { responseForOperation: async () => response };
    },
  };
}

/**
 * It wants a text and does not read it; the document may have come by its hash. The extension of persisted queries would have
 * it look for a text elsewhere.
 */
function present(requestContext: GraphQLRequestContext<GatewayContext>, document: DocumentNode): void {
  Object.assign(requestContext.request, { query: nothing, extensions: undefined });
  Object.assign(requestContext, { document });
}

function refusal(
  errors: readonly GraphQLError[],
  {
    operations,
    requestContext,
  }: { operations: Operations; requestContext: GraphQLRequestContext<GatewayContext> },
) {
  const { contextValue, request } = requestContext;
  const { record } = contextValue;
  const { status, headers } = headOf(errors);
  const formatted = operations.formatErrors(errors, {
    record,
    document: null,
    variables: request.variables,
  });
  return {
    http: { status, headers: new HeaderMap(Object.entries(headers)) },
    body: { kind: 'single' as const, singleResult: { errors: formatted } },
  };
}

function handleErrors(pipeline: Pipeline): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors, document, request, contextValue: { record } }) {
          pipeline.handleErrors(errors, { record, document, variables: request.variables });
        },
      };
    },
  };
}

const countResults: ApolloServerPlugin<GatewayContext> = {
  async requestDidStart() {
    return {
      async willSendResponse({ response: { body }, contextValue: { record } }) {
        if (body.kind === 'single') record.tell(body.singleResult.errors);
      },
    };
  },
};

/**
 * GraphQL over HTTP, 6.4.1: who accepts only `application/json` gets status 200 also for a document that cannot be run,
 * so that a proxy's own 400 is never taken for an answer. Apollo Server says 400 to all.
 */
const answerErrorsByMediaType: ApolloServerPlugin<GatewayContext> = {
  async requestDidStart() {
    return {
      async willSendResponse({ request, response: { http, body } }) {
        if (http.status === undefined || body.kind !== 'single') return;
        if (request.http?.headers.get('accept')?.includes('application/graphql-response+json')) return;
        http.status = statusForJson(http.status, body.singleResult.errors ?? []);
      },
    };
  },
};
