import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { RecentMap } from '../recent-map.js';
import type { TrustedDocuments } from './trusted-documents.js';

/** The text of a document, and the hash by which its client will ask for it. */
export interface FoundText {
  readonly text: string;
  /** Null where the client sent no hash. */
  readonly hash: string | null;
}

/** What an operation says of its document. */
export interface AskedDocument {
  readonly query?: string | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

// Documents of several front ends, in some versions each. A text is held as it is: 2 MB at most.
const maxTexts = 2_000;
const maxCharacters = 1_000_000;

/**
 * Automatic persisted queries, as Apollo's clients have them: a client sends the SHA-256 of a document in its place; is told
 * that nobody knows it; sends the text beside the hash once; and from then on the hash alone.
 *
 * https://www.apollographql.com/docs/apollo-server/performance/apq
 */
export class PersistedQueries {
  /** By their hashes. */
  readonly #texts = new RecentMap<string>({
    entries: maxTexts,
    weight: maxCharacters,
    weigh: (_hash, text) => text.length,
  });
  readonly #trusted: TrustedDocuments | null;

  /** Trusted documents are known by their ids from the start. */
  constructor(trusted: TrustedDocuments | null) {
    this.#trusted = trusted;
  }

  /** The text that is meant, or why there is none. An empty one is that of a client which sent none at all. */
  find({ query, extensions }: AskedDocument): FoundText | GraphQLError {
    const given = query ?? '';
    const persisted = extensions?.['persistedQuery'];
    if (persisted == null) return this.#refusalOf(given) ?? { text: given, hash: null };
    const hash = hashIn(persisted);
    if (hash === null) return badRequest('persistedQuery must have version 1 and a sha256Hash');
    const trusted = this.#trusted?.textOf(hash);
    // Its id may be a hash of another kind.
    if (trusted !== undefined && (given === '' || given === trusted)) return { text: trusted, hash: null };
    if (given === '') {
      const text = this.#texts.get(hash);
      return text === undefined ? (this.#trusted?.refusalOf(null) ?? notFound()) : { text, hash };
    }
    const refusal = this.#refusalOf(given);
    if (refusal !== null) return refusal;
    return this.#texts.get(hash) === given || sha256Of(given) === hash
      ? { text: given, hash }
      : badRequest('sha256Hash is not the hash of query');
  }

  #refusalOf(given: string): GraphQLError | null {
    return given === '' ? null : (this.#trusted?.refusalOf(given) ?? null);
  }

  /** To be called once the operation may be executed: what is refused takes nobody's place. */
  remember({ text, hash }: FoundText): void {
    if (hash !== null) this.#texts.set(hash, text);
  }
}

function hashIn(persisted: unknown): string | null {
  if (typeof persisted !== 'object' || persisted === null) return null;
  if (!('version' in persisted) || persisted.version !== 1 || !('sha256Hash' in persisted)) return null;
  return typeof persisted.sha256Hash === 'string' ? persisted.sha256Hash : null;
}

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

const badRequest = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });

/** In the words that clients look for. */
const notFound = (): GraphQLError =>
  new GraphQLError('PersistedQueryNotFound', { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } });
