import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readFile } from 'node:fs/promises';
import { packageRoot } from '../../../src/package-root.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';

let pagesDirectory: string;
let gateway: GatewayUnderTest;
beforeAll(async () => {
  pagesDirectory = await mkdtemp(join(tmpdir(), 'pages-'));
  gateway = await startGateway({ settings: { pagesDirectory } });
});
beforeEach(async () => {
  for (const name of ['console', 'graphiql', 'playground']) {
    await rm(join(pagesDirectory, name), { recursive: true, force: true });
  }
});
afterAll(async () => {
  await gateway.stop();
  await rm(pagesDirectory, { recursive: true });
});

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

/** A page as the build leaves it. */
async function build(name: string): Promise<void> {
  await mkdir(join(pagesDirectory, name, 'assets'), { recursive: true });
  await writeFile(join(pagesDirectory, name, 'index.html'), `<!doctype html><title>${name}</title>`);
  await writeFile(join(pagesDirectory, name, '.stamp'), 'secret');
  await writeFile(join(pagesDirectory, name, 'assets/main-abc123.js'), 'start();');
  await writeFile(join(pagesDirectory, name, 'assets/main-abc123.js.gz'), gzipSync('start();'));
}

describe.each([
  ['/', 'console'],
  ['/graphiql', 'graphiql'],
  ['/playground', 'playground'],
])('the page %s', (path, name) => {
  test('is served as soon as it is built, and not kept without asking', async () => {
    expect((await fetch(gateway.url + path, { headers: html })).status).toBe(503);
    await build(name);
    const response = await fetch(gateway.url + path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.text()).toContain(`<title>${name}</title>`);
  });

  test('may run scripts of ours, may ask this gateway, and nothing else', async () => {
    await build(name);
    const { headers } = await fetch(gateway.url + path);
    const policy = headers.get('content-security-policy')?.split('; ');
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
      ]),
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
  });

  test('says what is missing and how to get it while it is not built', async () => {
    const response = await fetch(gateway.url + path, { headers: html });
    expect(response.status).toBe(503);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-security-policy')).not.toContain('unsafe');
    const text = await response.text();
    expect(text).toContain('has not been built');
    expect(text).toContain('npm run pages');
  });

  test('keeps its assets for ever: their names change with their contents', async () => {
    await build(name);
    const response = await fetch(`${gateway.url}/pages/${name}/assets/main-abc123.js`, {
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-type')).toContain('javascript');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(await response.text()).toBe('start();');
  });

  test('shows nothing beside its assets', async () => {
    await build(name);
    const others = [
      'index.html',
      '.stamp',
      'assets/',
      'assets/none.js',
      'assets/../.stamp',
      'assets/%2e%2e/.stamp',
    ];
    for (const other of [...others, 'assets/..%2f.stamp', `%2e/../../%70ages/${name}/.stamp`]) {
      const response = await fetch(`${gateway.url}/pages/${name}/${other}`);
      expect([other, response.status]).toEqual([
        other,
        expect.toSatisfy((status: number) => status === 404 || status === 403),
      ]);
      expect(await response.text()).not.toContain('secret');
    }
  });
});

test('a program that asks for / is told in plain text what there is, while there is no console', async () => {
  const response = await fetch(gateway.url);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
  const text = await response.text();
  for (const path of ['/graphql', '/playground', '/graphiql', '/schema.graphql', '/readyz']) {
    expect(text).toContain(path);
  }
});

test('Playground and GraphiQL stand in for each other', async () => {
  expect(await (await fetch(`${gateway.url}/playground`)).text()).toContain('href="/graphiql"');
  expect(await (await fetch(`${gateway.url}/graphiql`)).text()).toContain('href="/playground"');
});

describe('/schema.graphql', () => {
  test('is the committed schema', async () => {
    const response = await fetch(`${gateway.url}/schema.graphql`);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe(await readFile(join(packageRoot, 'schema.graphql'), 'utf8'));
  });

  test('is kept from those who may not read the schema', async () => {
    await using secretive = await startGateway({ settings: { introspection: false } });
    expect((await fetch(`${secretive.url}/schema.graphql`)).status).toBe(404);
  });
});
