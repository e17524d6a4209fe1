import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useBrowser } from '../support/browser.js';
import { type Launched, Place } from '../support/launched.js';
import { leaderInDrawing } from './console-page.js';

let place: Place;
let launched: Launched;

beforeAll(async () => {
  place = await Place.create();
  launched = place.run('local/start.js');
  await launched.waitForOutput(/Ctrl-C stops everything/);
});
afterAll(() => place?.leave());
// What is set up last ends first: a page that outlives its gateway complains.
const open = useBrowser();

const press = (page: Page, action: string, node: string) =>
  page.getByRole('button', { name: `${action} ${node}`, exact: true }).click();

test('under npm start a node is killed, started again, frozen and thawed from the page', async () => {
  const { page } = await open(place.url);
  await page.locator('.drawing .node.leader').waitFor();
  const before = (await leaderInDrawing(page)) ?? '';
  const state = (node: string, kind: string) =>
    page.locator(`.drawing .node.${kind}[data-node=${node}]`).waitFor();

  await press(page, 'Kill', before);
  await state(before, 'unreachable');
  await page.locator(`.drawing .node.leader:not([data-node=${before}])`).waitFor();
  await launched.waitForOutput(new RegExp(`${before} \\(process \\d+\\) was ended by SIGKILL`));
  // The button that was pressed is gone: its neighbour has the focus.
  await page.getByRole('button', { name: `Start ${before}` }).waitFor();
  expect(await page.evaluate('document.activeElement.textContent')).toBe(`Start ${before}`);

  await page.keyboard.press('Enter');
  await state(before, 'follower');
  await launched.waitForOutput(new RegExp(`${before} is started again`));

  await press(page, 'Freeze', before);
  await state(before, 'unreachable');
  await page.locator(`[data-testid=node-${before}]`, { hasText: 'frozen' }).waitFor();
  await press(page, 'Thaw', before);
  await state(before, 'follower');
});

test('only the page itself may do that', async () => {
  const url = `${place.url}/local/nodes/instance001/kill`;
  const own = { 'x-local-control': '1', origin: place.url };
  const send = async (headers: Record<string, string>) =>
    (await fetch(url, { method: 'POST', headers: { connection: 'close', ...headers } })).status;

  expect(await send({})).toBe(403);
  expect(await send({ ...own, origin: 'http://elsewhere.example' })).toBe(403);
  expect(await send({ ...own, origin: 'null' })).toBe(403);
  expect(await send({ ...own, 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await place.nodeProcesses()).toHaveLength(3);
  expect(await send(own)).toBe(200);
  expect(await place.nodeProcesses()).toHaveLength(2);
});
