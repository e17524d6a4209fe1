import type { Page } from 'playwright-core';
import type { TestCluster } from './cluster.js';
import { savePicture } from './browser.js';
import { waitFor } from '../../src/trial/wait-for.js';

/** What the tests do in an editor of operations, whichever it is. */
export interface Editor {
  readonly page: Page;
  /** Goes to the tab of an example. */
  readonly choose: (example: string) => Promise<void>;
  readonly run: () => Promise<void>;
  /** Resolves when the results, as JSON, hold such a text. */
  readonly seesResult: (text: RegExp) => Promise<void>;
}

/** Lists the employees, then adds one: the examples, as they come. */
export async function listAndAdd({ page, choose, run, seesResult }: Editor, name: string): Promise<void> {
  await choose('List employees');
  await run();
  await seesResult(/"totalCount": \d/);
  await seesResult(/"name": "John Doe"/);
  await savePicture(page, `${name}-query`);
  await choose('Add an employee');
  await run();
  await seesResult(/"bookmark":\s+"/);
  await savePicture(page, `${name}-mutation`);
}

/** Watches the leader, kills its process, and sees that another leads. */
export async function watchLeaderDie(
  { page, choose, run, seesResult }: Editor,
  { cluster, name }: { readonly cluster: TestCluster; readonly name: string },
): Promise<void> {
  const leader = await cluster.waitForLeader();
  await choose('Watch the leader');
  await run();
  await seesResult(/"kind": "CURRENT"/);
  await seesResult(new RegExp(`"name": "${leader}"`));
  await cluster.kill(leader);
  const successor = await cluster.waitForLeader({ not: leader });
  await seesResult(/"kind": "ELECTED"/);
  await seesResult(new RegExp(`"name": "${successor}"`));
  await savePicture(page, `${name}-failover`);
  await cluster.restart(leader);
}

/** Waits until a part of the page shows such a text. Editors put spaces that do not break where a text has plain ones. */
export async function seeText(page: Page, selector: string, text: RegExp): Promise<void> {
  await waitFor(`${selector} shows ${text}`, async () => {
    const shown = await page.locator(selector).allInnerTexts();
    return shown.some((part) => text.test(part.replaceAll('\u00A0', ' ')));
  });
}
