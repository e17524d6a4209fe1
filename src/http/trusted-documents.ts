import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';

/** The documents of the front ends that an operator knows, by the ids under which their clients may ask for them. */
export interface TrustedManifest {
  /** Whether other documents are told of in the log, or not run at all. */
  readonly mode: 'log' | 'enforce';
  readonly texts: ReadonlyMap<string, string>;
}

// More is somebody who makes them up: the log has heard enough.
const maxTold = 1_000;

/** Which documents an operator knows, and what becomes of the others. */
export class TrustedDocuments {
  readonly #manifest: TrustedManifest;
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #texts: ReadonlySet<string>;
  readonly #told = new Set<string>();

  constructor(manifest: TrustedManifest, logger: Pick<Logger, 'warn'>) {
    this.#manifest = manifest;
    this.#logger = logger;
    this.#texts = new Set(manifest.texts.values());
  }

  textOf(id: string): string | undefined {
    return this.#manifest.texts.get(id);
  }

  /** Why a document is not run, or null; an id that is not known has no text. */
  refusalOf(text: string | null): GraphQLError | null {
    if (this.#manifest.mode === 'log' || (text !== null && this.#texts.has(text))) return null;
    const extensions = { code: 'DOCUMENT_NOT_TRUSTED' };
    return new GraphQLError('This gateway runs only the documents that it was given', { extensions });
  }

  /** Tells of a document that is run although nobody knows it, once. Its text may have values in it, so that is not told. */
  tell(text: string, operationName: string | undefined): void {
    if (this.#texts.has(text) || this.#told.size >= maxTold) return;
    const sha256 = createHash('sha256').update(text).digest('hex');
    if (this.#told.has(sha256)) return;
    this.#told.add(sha256);
    this.#logger.warn({ sha256, operationName }, 'A document that is not in the manifest was run');
  }
}
