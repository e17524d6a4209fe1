/**
 * Writes the schema to schema.graphql. With `--check` it writes nothing and fails when the file differs, so that no
 * change of the schema goes unseen in a review.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildGatewaySchema, printGatewaySchema } from './http/build-schema.js';
import { packageRoot } from './package-root.js';

const file = join(packageRoot, 'schema.graphql');
const text = printGatewaySchema(buildGatewaySchema());

if (!process.argv.includes('--check')) {
  await writeFile(file, text);
} else if ((await readFile(file, 'utf8').catch(() => null)) !== text) {
  process.stderr.write(
    'schema.graphql is not what the code says: run `npm run schema` and commit the file\n',
  );
  process.exitCode = 1;
}
