import { z } from 'zod';
import type { TrustedManifest } from './http/trusted-documents.js';
import { ConfigError } from './operator-error.js';
import { readNamedFile } from './read-named-file.js';
import type { Settings } from './settings.js';

const text = z.string().min(1);

/** What Apollo's generate-persisted-query-manifest writes. */
const apolloManifest = z
  .object({
    format: z.literal('apollo-persisted-query-manifest'),
    version: z.literal(1),
    operations: z.array(z.object({ id: text, body: text })),
  })
  .transform(({ operations }) => new Map(operations.map(({ id, body }) => [id, body])));

/** What the client preset of graphql-codegen writes, and Relay's compiler: texts by their hashes. */
const plainManifest = z.record(z.string(), text).transform((texts) => new Map(Object.entries(texts)));

const manifest = z.union([apolloManifest, plainManifest]);

type TrustSettings = Pick<Settings, 'trustedDocuments' | 'trustedDocumentsManifest'>;

/** The manifest that the settings name; null where every document may be run. Rejects with ConfigError. */
export async function readTrustedManifest(settings: TrustSettings): Promise<TrustedManifest | null> {
  const { trustedDocuments: mode, trustedDocumentsManifest: path } = settings;
  if (mode === 'off') return null;
  if (path === null) {
    throw new ConfigError('The settings contradict each other', [
      `TRUSTED_DOCUMENTS is ${mode}, but no documents are given: set TRUSTED_DOCUMENTS_MANIFEST, too`,
    ]);
  }
  return { mode, texts: await readTexts(path) };
}

async function readTexts(path: string): Promise<ReadonlyMap<string, string>> {
  const json = await readNamedFile(path, (reason) => refuse(path, reason));
  const parsed = manifest.safeParse(parse(json, path));
  if (!parsed.success) throw refuse(path, 'it is no manifest of Apollo, and no object of texts by hashes');
  if (parsed.data.size === 0) throw refuse(path, 'it has no documents');
  return parsed.data;
}

function parse(json: string, path: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw refuse(path, 'it is not JSON');
  }
}

const refuse = (path: string, problem: string): ConfigError =>
  new ConfigError(`The manifest of documents ${path} cannot be used`, [
    `${problem}: see TRUSTED_DOCUMENTS_MANIFEST`,
  ]);
