import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { findChromium } from './chromium.js';

/** A page in a browser of its own profile, and all that went wrong in it. */
export interface Visit {
  readonly page: Page;
  /** Requests to other origins, errors of scripts, errors in the console, refusals by the policy of the page. */
  readonly problems: readonly string[];
  /** Sub-protocols of the WebSockets that were opened. */
  readonly socketProtocols: readonly string[];
}

export interface VisitOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Runs in the page before anything of its own. */
  readonly script?: string;
  /** What a browser complains of because the test makes it happen, such as a gateway that is stopped. */
  readonly forgives?: RegExp;
}

// No sandbox: in a container, root may not make one. Nothing but our own pages is opened.
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--no-first-run',
];

/**
 * A browser for the tests of a file. Every visit ends with its test, which fails if anything went wrong in a page. Where
 * the variable SCREENSHOTS names a folder, each leaves a picture there.
 */
export function useBrowser(): (url: string, options?: VisitOptions) => Promise<Visit> {
  let browser: Browser | null = null;
  let visits: Visit[] = [];
  beforeAll(async () => {
    const executablePath = await findChromium();
    if (executablePath === null)
      throw new Error('There is no Chromium: test/support/browser-setup.ts gets it');
    browser = await chromium.launch({ executablePath, args });
  });
  afterEach(async ({ task }) => {
    const ended = visits;
    visits = [];
    for (const [index, { page }] of ended.entries()) {
      await savePicture(page, `${task.name}-${index + 1}`);
      await page.context().close();
    }
    expect(ended.flatMap(({ problems }) => problems)).toEqual([]);
  });
  afterAll(() => browser?.close());
  return async (url, options = {}) => {
    if (browser === null) throw new Error('The browser has not been started');
    const visit = await open(browser, { url, ...options });
    visits.push(visit);
    return visit;
  };
}

/** Leaves a picture where the variable SCREENSHOTS says; nothing without it. */
export async function savePicture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder === undefined || folder === '') return;
  await page.screenshot({ path: join(folder, `${name.replaceAll(/\W+/g, '-')}.png`) });
}

async function open(
  browser: Browser,
  {
    url,
    width = 1280,
    height = 800,
    colorScheme = 'light',
    script = '',
    forgives,
  }: VisitOptions & { readonly url: string },
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  const problems: string[] = [];
  const complain = (problem: string) => {
    if (forgives?.test(problem) !== true) problems.push(problem);
  };
  const socketProtocols: string[] = [];
  const { host } = new URL(url);
  const isOurs = (address: string) => /^(?:data|blob):/.test(address) || new URL(address).host === host;
  page.on('request', (request) => {
    if (!isOurs(request.url())) complain(`request to ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complain(`${response.status()} for ${response.url()}`);
  });
  page.on('pageerror', (error) => complain(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complain(`console: ${message.text()}`);
  });
  page.on('websocket', (socket) => {
    if (!isOurs(socket.url())) complain(`WebSocket to ${socket.url()}`);
  });
  await page.exposeFunction('noteSocketProtocol', (protocol: string) => socketProtocols.push(protocol));
  await page.addInitScript(noteSockets);
  await page.addInitScript(script);
  await page.goto(url);
  return { page, problems, socketProtocols };
}

/** Runs in the page, before its scripts. */
const noteSockets = `{
  const Original = window.WebSocket;
  window.WebSocket = class extends Original {
    constructor(...args) {
      super(...args);
      this.addEventListener('open', () => window.noteSocketProtocol(this.protocol));
    }
  };
}`;
