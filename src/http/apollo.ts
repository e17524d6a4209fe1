import { ApolloServer, HeaderMap, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError, NoSchemaIntrospectionCustomRule, OperationTypeNode } from 'graphql';
import type { Logger } from 'pino';
import type { DocumentOptions } from './documents.js';
import { formatError } from './format-error.js';
import type { GatewayContext, Pipeline } from './pipeline.js';

/** Apollo Server, for operations over HTTP. It watches no signal, calls nobody and serves no page. */
export function createApolloServer(
  pipeline: Pipeline,
  { introspection, maxTokens, logger }: DocumentOptions & { readonly logger: Logger },
): ApolloServer<GatewayContext> {
  return new ApolloServer<GatewayContext>({
    schema: pipeline.schema,
    logger,
    // Off by the library's own rule, as on the other transports: Apollo Server's says the same in other words.
    introspection: true,
    validationRules: introspection ? [] : [NoSchemaIntrospectionCustomRule],
    formatError,
    parseOptions: { maxTokens },
    csrfPrevention: true,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [
      handleErrors(pipeline),
      refuseSubscriptions,
      admitOperations(pipeline),
      answerErrorsByMediaType,
      // It wraps the resolver of every field, which halves the speed of a list, and we set no cache hints.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}

function handleErrors(pipeline: Pipeline): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors, document, request, contextValue: { requestId } }) {
          pipeline.handleErrors(errors, { requestId, document, variables: request.variables });
        },
      };
    },
  };
}

// Apollo Server would run one as if it were a query, and answer null.
const refuseSubscriptions: ApolloServerPlugin<GatewayContext> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation }) {
        if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
        throw new GraphQLError(
          'Subscriptions are served over WebSocket at this URL, and as event streams at /graphql/stream',
          {
            extensions: {
              code: 'METHOD_NOT_ALLOWED',
              http: { status: 405, headers: new HeaderMap([['allow', 'GET, POST']]) },
            },
          },
        );
      },
    };
  },
};

function admitOperations(pipeline: Pipeline): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ document, operation, request: { variables }, contextValue }) {
          // Without one, Apollo Server says so itself, a moment later.
          if (operation === undefined) return;
          const refusal = pipeline.admit({ document, operation, variables }, contextValue);
          if (refusal !== null) throw refusal;
        },
      };
    },
  };
}

const requestErrors: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
]);

/**
 * GraphQL over HTTP, 6.4.1: who accepts only `application/json` gets status 200 also for a document that cannot be run,
 * so that a proxy's own 400 is never taken for an answer. Apollo Server says 400 to all.
 */
const answerErrorsByMediaType: ApolloServerPlugin<GatewayContext> = {
  async requestDidStart() {
    return {
      async willSendResponse({ request, response: { http, body } }) {
        if (http.status !== 400 || body.kind !== 'single') return;
        if (request.http?.headers.get('accept')?.includes('application/graphql-response+json')) return;
        const { errors = [] } = body.singleResult;
        if (errors.every(({ extensions }) => requestErrors.has(extensions?.['code']))) http.status = 200;
      },
    };
  },
};
