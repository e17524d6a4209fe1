import { fileURLToPath } from 'node:url';

/** The folder with package.json: this file lies one level below it, as source and when built. */
export const packageRoot = fileURLToPath(new URL('..', import.meta.url));
