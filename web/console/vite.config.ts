import { join } from 'node:path';
import { defineConfig } from 'vite';
import { typedOperationsPlugin } from '../build/operations-plugin.js';

const root = import.meta.dirname;

export default defineConfig({
  root,
  base: './',
  plugins: [typedOperationsPlugin({ schema: join(root, '../../schema.graphql'), folder: join(root, 'api') })],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { outDir: join(root, '../../dist/pages/console'), emptyOutDir: true, modulePreload: { polyfill: false } },
});
