import {
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  Source,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import { RecentMap } from '../recent-map.js';
import type { ErrorCode } from './error-codes.js';
import type { Limits } from './limits/limits.js';
import { checkShape } from './limits/shape.js';
import { checkTokens } from './limits/tokens.js';

/** A document that may be executed, or why it may not. The errors have codes. */
export type PreparedDocument = { /** Whether its text had to be read. */ readonly isNew: boolean } & (
  | { readonly document: DocumentNode }
  | { readonly document: DocumentNode | null; readonly errors: readonly GraphQLError[] }
);

export interface DocumentOptions {
  readonly introspection: boolean;
  readonly limits: Limits;
}

// A person mends them one after another. Each costs half a millisecond: of ten thousand tokens that are all wrong, a hundred
// errors, as many as the library tells, take 70 ms.
const maxErrors = 10;

// About 200 documents of a real front end. In memory a parsed document is some 50 times its text.
const maxCachedCharacters = 200_000;

/**
 * From a text to a document that fits the schema and the limits, once for all transports. What costs least comes first:
 * tokens are counted before anything is parsed, and the shape is looked at before anything is validated. What was valid is
 * remembered; the least recently used texts are forgotten first.
 */
export function createDocumentCache(
  schema: GraphQLSchema,
  { introspection, limits }: DocumentOptions,
): (text: string) => PreparedDocument {
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const cache = new RecentMap<DocumentNode>({ weight: maxCachedCharacters, weigh: (text) => text.length });

  function prepareAnew(text: string): PreparedDocument {
    let document: DocumentNode;
    try {
      const source = new Source(text);
      checkTokens(source, limits);
      document = parse(source);
      checkShape(document, limits);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { isNew: true, document: null, errors: [withCode(error, 'GRAPHQL_PARSE_FAILED')] };
    }
    const errors = validate(schema, document, rules, { maxErrors, hideSuggestions: !introspection });
    if (errors.length > 0) {
      const coded = errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
      return { isNew: true, document, errors: coded };
    }
    cache.set(text, document);
    return { isNew: true, document };
  }

  return (text) => {
    const document = cache.get(text);
    return document === undefined ? prepareAnew(text) : { isNew: false, document };
  };
}

/** Unless it has one: what is too much says so itself. */
function withCode(error: GraphQLError, code: ErrorCode): GraphQLError {
  if (error.extensions['code'] === undefined) Object.assign(error.extensions, { code });
  return error;
}
