import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGatewayWithIdentities } from '../contract/access/gateway-with-identities.js';
import type { GatewayUnderTest } from '../contract/http/gateway-under-test.js';
import { useBrowser } from '../support/browser.js';
import { seeText } from '../support/editor-story.js';
import { TokenIssuer } from '../support/token-issuer.js';
import { employeeRows, untilRead } from './console-page.js';

/* The pages of a gateway that asks for tokens. */

let issuer: TokenIssuer;
let gateway: GatewayUnderTest;
beforeAll(async () => {
  issuer = await TokenIssuer.start();
  ({ gateway } = await startGatewayWithIdentities({ JWT_JWKS_URL: issuer.url }));
});
afterAll(async () => {
  await gateway?.stop();
  await issuer?.close();
});
const open = useBrowser();

// Browsers log what is refused.
const forgives = /\b401\b/;
const openConsole = async () => (await open(gateway.url, { forgives })).page;

const field = (page: Page) => page.getByLabel('Access token');
const isFocused = 'document.activeElement?.id === "token"';
const stored = (page: Page) => page.evaluate('Object.values(sessionStorage)');

async function use(page: Page, token: string): Promise<void> {
  await field(page).fill(token);
  await page.keyboard.press('Enter');
}

async function untilLive(page: Page): Promise<void> {
  await page.locator('[data-testid=link]', { hasText: 'Live' }).waitFor();
  await untilRead(page);
}

test('the console asks for a token, and says at the field what is wrong with one', async () => {
  const page = await openConsole();
  await field(page).waitFor();
  expect(await page.evaluate(isFocused)).toBe(true);
  expect(await field(page).getAttribute('type')).toBe('password');
  expect(await page.locator('[role=alert]').count()).toBe(0);

  const expired = await issuer.token({ claims: { exp: Math.floor(Date.now() / 1_000) - 60 } });
  for (const [bad, told] of [
    ['not a token', /^This is no token\.$/],
    [expired, /^The token has expired\.$/],
  ] as const) {
    await use(page, bad);
    await page.locator('[role=alert]', { hasText: told }).waitFor();
    expect(await field(page).getAttribute('aria-invalid')).toBe('true');
    expect(await field(page).getAttribute('aria-describedby')).toBe('token-problem');
    expect(await page.evaluate(isFocused)).toBe(true);
  }
  expect(await stored(page)).toEqual([]);
});

test('with a token the console reads, writes and listens, until it is told to forget it', async () => {
  const page = await openConsole();
  const token = await issuer.token();
  await use(page, `Bearer ${token}`);
  await untilLive(page);
  expect(await employeeRows(page)).toEqual(['1 | John Doe | Manager | 5,000']);
  expect(await stored(page)).toEqual([token]);

  await page.reload();
  await untilLive(page);
  await page.getByRole('button', { name: 'Edit John Doe' }).click();
  await page.locator('dialog [name=position]').fill('Director');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('[role=status]', { hasText: 'John Doe was changed' }).waitFor();

  await page.getByRole('button', { name: 'Forget token' }).click();
  await field(page).waitFor();
  expect(await stored(page)).toEqual([]);
  expect(await page.getByText('John Doe').count()).toBe(0);
});

test('when the token expires, the console says so and asks for another, without trying by itself', async () => {
  const page = await openConsole();
  // The socket that had no token comes before.
  await field(page).waitFor();
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await use(page, await issuer.token({ claims: { exp: Math.ceil(Date.now() / 1_000) + 2 } }));
  await untilLive(page);
  await page.locator('[role=alert]', { hasText: 'The token has expired' }).waitFor();
  expect(await stored(page)).toEqual([]);
  await use(page, await issuer.token());
  await untilLive(page);
  expect(sockets).toHaveLength(2);
});

test('GraphiQL uses the token that the console was given', async () => {
  const page = await openConsole();
  await use(page, await issuer.token());
  await untilLive(page);
  await page.getByRole('link', { name: 'GraphiQL' }).click();
  await page.locator('.graphiql-query-editor .monaco-editor').waitFor();
  await page.locator('.page-links', { hasText: 'Console' }).waitFor();
  expect(await page.locator('.page-links a').allTextContents()).toEqual(['Console', 'Playground']);
  for (const [tab, result] of [
    ['ListEmployees', /"name": "John Doe"/],
    ['WatchLeader', /"kind": "CURRENT"/],
  ] as const) {
    await page.getByRole('tab', { name: tab }).click();
    await page.locator('.graphiql-execute-button').click();
    await seeText(page, '.graphiql-response', result);
  }
  expect(await page.locator('#link').textContent()).toBe('');
});
