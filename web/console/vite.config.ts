/// <reference types="node" />
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { typedOperationsPlugin } from '../operations-plugin.js';

const root = import.meta.dirname;

/** What is particular to this page; the rest is in src/front-end/make-pages.ts. */
export default defineConfig({
  plugins: [typedOperationsPlugin({ schema: join(root, '../../schema.graphql'), folder: join(root, 'api') })],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
