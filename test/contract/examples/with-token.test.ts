import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  askWithToken,
  createSocketClientWithToken,
  streamWithToken,
  type TokenSource,
} from '../../../examples/clients/with-token.js';
import { packageRoot } from '../../../src/package-root.js';
import { TokenIssuer } from '../../support/token-issuer.js';
import { startGatewayWithIdentities } from '../access/gateway-with-identities.js';
import type { GatewayUnderTest } from '../http/gateway-under-test.js';

let issuer: TokenIssuer;
let gateway: GatewayUnderTest;
/** What the client was asked for, one entry for each time. */
let asked: ('known' | 'fresh')[];
/** When the token that the client knows at first ends, in milliseconds from now. */
let endsInMs: number;
/** That token; null before it is asked for. */
let brief: Promise<string> | null;
let url: string;
beforeEach(async () => {
  issuer = await TokenIssuer.start();
  ({ gateway } = await startGatewayWithIdentities({ JWT_JWKS_URL: issuer.url }));
  url = `${gateway.url}/graphql`;
  asked = [];
  [brief, endsInMs] = [null, 500];
});
afterEach(async () => {
  await gateway.stop();
  await issuer.close();
});

const tokenOf: TokenSource = async ({ fresh }) => {
  asked.push(fresh ? 'fresh' : 'known');
  if (fresh) return issuer.token();
  brief ??= issuer.token({ claims: { exp: (Date.now() + endsInMs) / 1_000 } });
  return brief;
};

const john = { data: { employee: { name: 'John Doe' } } };
const employee = { query: '{ employee(id: "1") { name } }' };
const watch = { query: 'subscription { leadershipChanged { kind } }' };
const current = { data: { leadershipChanged: { kind: 'CURRENT' } } };

test('over HTTP a token that has ended is renewed once, and one that is good is not', async () => {
  endsInMs = 60_000;
  expect(await askWithToken(url, employee, tokenOf)).toEqual(john);
  expect(asked).toEqual(['known']);
  [brief, endsInMs] = [null, -60_000];
  expect(await askWithToken(url, employee, tokenOf)).toEqual(john);
  expect(asked).toEqual(['known', 'known', 'fresh']);
});

test('an event stream whose token ends is opened anew with a fresh one', async () => {
  const results: unknown[] = [];
  for await (const result of streamWithToken(url, watch, tokenOf)) {
    results.push(result);
    if (results.length === 2) break;
  }
  expect(results).toEqual([current, current]);
  expect(asked).toEqual(['known', 'fresh']);
});

test('an event stream that is complete is over', async () => {
  const results: unknown[] = [];
  for await (const result of streamWithToken(url, employee, tokenOf)) results.push(result);
  expect(results).toEqual([john]);
});

test('a socket whose token ends comes back with a fresh one', async () => {
  const client = createSocketClientWithToken(gateway.socketUrl, tokenOf, { webSocketImpl: WebSocket });
  const results: unknown[] = [];
  for await (const result of client.iterate(watch)) {
    results.push(result);
    if (results.length === 2) break;
  }
  await client.dispose();
  expect(results).toEqual([current, current]);
  expect(asked).toEqual(['known', 'fresh']);
});

test('curl takes the token from a file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'with-token-'));
  try {
    const file = join(directory, 'token');
    await writeFile(file, await issuer.token(), { mode: 0o600 });
    const script = join(packageRoot, 'examples/clients/with-token.sh');
    const { stdout } = await promisify(execFile)('sh', [script, file, url]);
    expect(JSON.parse(stdout)).toEqual(john);
  } finally {
    await rm(directory, { recursive: true });
  }
});
