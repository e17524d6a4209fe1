import { type IncomingHttpHeaders, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LocalAction, LocalNode, LocalNodeControl } from '../../../src/http/local-nodes.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';

/** Processes in memory. */
class FakeControl implements LocalNodeControl {
  readonly acts: string[] = [];
  readonly nodes: readonly LocalNode[] = [{ name: 'instance001', state: 'running' }];

  async list(): Promise<readonly LocalNode[]> {
    return this.nodes;
  }

  async act(name: string, action: LocalAction): Promise<'done' | { readonly refusal: string }> {
    this.acts.push(`${action} ${name}`);
    return action === 'restart' ? { refusal: `${name} is running` } : 'done';
  }
}

let control: FakeControl;
let gateway: GatewayUnderTest;
beforeEach(async () => {
  control = new FakeControl();
  gateway = await startGateway({ localNodes: control });
});
afterEach(() => gateway.stop());

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** By node:http, which lets one set the header Host. */
async function send(
  method: string,
  path: string,
  { headers = {}, url = gateway.url }: { headers?: Record<string, string>; url?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => {
        const { statusCode: status = 0, headers: received } = response;
        resolve({ status, headers: received, body: text === '' ? null : JSON.parse(text) });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

const own = { 'x-local-control': '1' };
const kill = '/local/nodes/instance001/kill';

test('the processes are listed, and what is done to them is answered with how they are then', async () => {
  const nodes = { nodes: control.nodes };
  expect(await send('GET', '/local/nodes')).toMatchObject({ status: 200, body: nodes });
  expect(await send('POST', kill, { headers: own })).toMatchObject({ status: 200, body: nodes });
  expect(control.acts).toEqual(['kill instance001']);
});

test('what cannot be done is refused with the reason', async () => {
  const refused = await send('POST', '/local/nodes/instance001/restart', { headers: own });
  expect(refused).toMatchObject({ status: 409, body: { problem: 'instance001 is running' } });
  expect((await send('POST', '/local/nodes/instance001/explode', { headers: own })).status).toBe(404);
});

describe('a page from elsewhere', () => {
  test.each([
    ['sends no header of ours', {}],
    ['has another origin', { ...own, origin: 'http://elsewhere.example' }],
    ['hides its origin', { ...own, origin: 'null' }],
    ['is called cross-site by the browser', { ...own, 'sec-fetch-site': 'cross-site' }],
    ['has its own name point to this machine', { ...own, host: 'elsewhere.example' }],
  ])('that %s does nothing', async (_what, headers) => {
    expect((await send('POST', kill, { headers })).status).toBe(403);
    expect(control.acts).toEqual([]);
  });

  test('does not see the processes either', async () => {
    const headers = { host: 'elsewhere.example' };
    expect((await send('GET', '/local/nodes', { headers })).status).toBe(403);
  });
});

const told = async (url: string, headers: Record<string, string> = {}) =>
  (await send('HEAD', '/', { url, headers })).headers['x-local-nodes'];

test('the page is told of them, but not a page from elsewhere, nor where there are none', async () => {
  await using alone = await startGateway();
  expect(await told(gateway.url)).toBe('1');
  expect(await told(gateway.url, { host: 'elsewhere.example' })).toBeUndefined();
  expect(await told(alone.url)).toBeUndefined();
});

test('where the gateway runs no nodes, nothing of it exists', async () => {
  await using alone = await startGateway();
  expect((await send('GET', '/local/nodes', { url: alone.url })).status).toBe(404);
  expect((await send('POST', kill, { headers: own, url: alone.url })).status).toBe(404);
});
