import {
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import type { ErrorCode } from './error-codes.js';

/** A document that may be executed, or why it may not. The errors have codes. */
export type PreparedDocument =
  | { readonly document: DocumentNode }
  | { readonly document: DocumentNode | null; readonly errors: readonly GraphQLError[] };

export interface DocumentOptions {
  readonly introspection: boolean;
  readonly maxTokens: number;
}

// About 200 documents of a real front end. In memory a parsed document is some 50 times its text.
const maxCachedCharacters = 200_000;

/**
 * Parses and validates, remembering what was valid: what Apollo Server does for HTTP, for the transports that it does
 * not serve. The least recently used texts are forgotten first.
 */
export function createDocumentCache(
  schema: GraphQLSchema,
  { introspection, maxTokens }: DocumentOptions,
): (text: string) => PreparedDocument {
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const cache = new Map<string, DocumentNode>();
  let cachedCharacters = 0;

  function remember(text: string, document: DocumentNode): void {
    cache.set(text, document);
    cachedCharacters += text.length;
    for (const oldest of cache.keys()) {
      if (cachedCharacters <= maxCachedCharacters) return;
      cache.delete(oldest);
      cachedCharacters -= oldest.length;
    }
  }

  function prepareAnew(text: string): PreparedDocument {
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens });
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { document: null, errors: [withCode(error, 'GRAPHQL_PARSE_FAILED')] };
    }
    const errors = validate(schema, document, rules);
    if (errors.length > 0) {
      return { document, errors: errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) };
    }
    remember(text, document);
    return { document };
  }

  return (text) => {
    const document = cache.get(text);
    if (document === undefined) return prepareAnew(text);
    cache.delete(text);
    cache.set(text, document);
    return { document };
  };
}

function withCode(error: GraphQLError, code: ErrorCode): GraphQLError {
  Object.assign(error.extensions, { code });
  return error;
}
