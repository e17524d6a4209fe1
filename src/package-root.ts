import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder with package.json, with a slash at its end: the next above this file, as source, when built and when bundled. */
export const packageRoot = fileURLToPath(findRoot(new URL('.', import.meta.url)));

function findRoot(folder: URL): URL {
  return existsSync(new URL('package.json', folder)) ? folder : findRoot(new URL('..', folder));
}
