import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { ApolloClient } from '@apollo/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createApolloClient } from '../../../examples/clients/apollo.js';
import { createSocketClient } from '../../../examples/clients/socket.js';
import { packageRoot } from '../../../src/package-root.js';
import { startGateway } from '../http/gateway-under-test.js';

const run = promisify(execFile);

/** The settings of a front end's project. Types of packages are checked as well where ours are used. */
const settings = {
  compilerOptions: {
    strict: true,
    target: 'ES2022',
    module: 'NodeNext',
    lib: ['ES2023', 'DOM'],
    types: [],
    skipLibCheck: true,
    outDir: 'built',
  },
  files: ['staff.ts'],
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'generated-types-'));
  await cp(join(packageRoot, 'examples/clients/types'), folder, { recursive: true });
  await symlink(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  await run(process.execPath, ['generate.js', join(packageRoot, 'schema.graphql')], { cwd: folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the compiler has to say of the example. */
async function complaints(): Promise<string> {
  return run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { cwd: folder }).then(
    () => '',
    (error: unknown) => String(Object(error).stdout),
  );
}

/** The example with another text in one place; as it was again afterwards. */
async function complaintsWith(text: string, other: string): Promise<string> {
  const file = join(folder, 'staff.ts');
  const example = await readFile(file, 'utf8');
  expect(example).toContain(text);
  await writeFile(file, example.replace(text, other));
  try {
    return await complaints();
  } finally {
    await writeFile(file, example);
  }
}

describe('types generated from schema.graphql', () => {
  test('fit the example, which then runs', async () => {
    expect(await complaints()).toBe('');
    const built: {
      payroll(client: ApolloClient, first: number): Promise<readonly string[]>;
    } = await import(pathToFileURL(join(folder, 'built/staff.js')).href);
    await using gateway = await startGateway({
      rows: [
        [1, 'John Doe', 'Manager', 5000],
        [2, 'Jane Smith', 'Developer', 4000],
      ],
    });
    const socket = createSocketClient(gateway.socketUrl, { webSocketImpl: WebSocket });
    const client = createApolloClient(`${gateway.url}/graphql`, socket);
    expect(await built.payroll(client, 2)).toEqual(['1 John Doe: 5000', '2 Jane Smith: 4000']);
    client.stop();
    await socket.dispose();
  });

  test.each([
    ['a field that the schema has not', '        salary\n', '        wages\n', /wages|salary/],
    ['a variable of another type', 'variables: { first,', 'variables: { first: "2",', /string.*number/s],
    ['a salary that is taken for granted', 'salary?.toFixed', 'salary.toFixed', /possibly 'null'/],
  ])('catch %s', async (_what, text, other, complaint) => {
    expect(await complaintsWith(text, other)).toMatch(complaint);
  });
});
