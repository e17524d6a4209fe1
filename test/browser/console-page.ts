import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { findChromium } from '../support/chromium.js';

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--no-first-run',
];

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Runs in the page before anything of its own. */
  readonly script?: string;
}

/** The console in a browser, with all that should not have happened in it. */
export interface ConsolePage {
  readonly page: Page;
  /** Requests to anybody but the gateway, errors of scripts, violations of the policy, and errors that were logged. */
  readonly complaints: readonly string[];
}

/**
 * One browser for the tests of a file; each page is closed after its test. Complaints are for the test to judge: a
 * browser logs every request that fails, and here gateways come and go.
 */
export function useConsole(): (url: string, look?: Look) => Promise<ConsolePage> {
  let browser: Browser | null = null;
  beforeAll(async () => {
    const executablePath = await findChromium();
    if (executablePath === null) throw new Error('There is no Chromium');
    browser = await chromium.launch({ executablePath, args });
  });
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
  });
  afterAll(() => browser?.close());
  return async (url, { width = 1280, height = 900, colorScheme = 'light', script = '' } = {}) => {
    if (browser === null) throw new Error('The browser has not been started');
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.addInitScript(script);
    page.setDefaultTimeout(15_000);
    const complaints = listenFor(page, new URL(url));
    await page.goto(url);
    return { page, complaints };
  };
}

function listenFor(page: Page, { host }: URL): readonly string[] {
  const complaints: string[] = [];
  const check = (address: string) => {
    if (new URL(address).host !== host) complaints.push(`request to ${address}`);
  };
  page.on('request', (request) => check(request.url()));
  page.on('websocket', (socket) => check(socket.url()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} (${message.location().url})`);
  });
  return complaints;
}

/** The name of the node that the drawing shows as the writable leader; null while there is none. */
export async function leaderInDrawing(page: Page): Promise<string | null> {
  const leader = page.locator('.drawing .node.leader');
  return (await leader.count()) === 0 ? null : leader.first().getAttribute('data-node');
}

/** The rows of the table of employees, as texts. */
export async function employeeRows(page: Page): Promise<readonly string[]> {
  const rows = await page.locator('[data-testid=employees] tbody tr').all();
  return Promise.all(
    rows.map(async (row) => (await row.locator('td, th').allTextContents()).slice(0, 4).join(' | ')),
  );
}

/** Waits until the table is read and no row is about to change. */
export async function untilRead(page: Page): Promise<void> {
  await page.locator('[data-testid=employees][aria-busy=false]').waitFor();
}
