/// <reference types="node" />
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { typedOperations } from './typed-operations.js';

/** Where the operations of a page are, where their types go, and what they must fit. */
export interface OperationsPlace {
  readonly schema: string;
  /** Holds `operations.graphql` and gets `operations.ts`. */
  readonly folder: string;
}

/** Writes the typed operations of a page anew before it is built. The build fails when they do not fit the schema. */
export function typedOperationsPlugin({ schema, folder }: OperationsPlace): Plugin {
  return {
    name: 'typed-operations',
    async buildStart() {
      const source = join(folder, 'operations.graphql');
      this.addWatchFile(source);
      this.addWatchFile(schema);
      const [schemaText, operationsText] = await Promise.all([
        readFile(schema, 'utf8'),
        readFile(source, 'utf8'),
      ]);
      const target = join(folder, 'operations.ts');
      const text = typedOperations(schemaText, operationsText);
      const before = await readFile(target, 'utf8').catch(() => null);
      if (text !== before) await writeFile(target, text);
    },
  };
}
