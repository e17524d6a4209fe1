import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useBrowser } from '../support/browser.js';
import { useCluster } from '../support/cluster.js';
import { type TestGateway, startGateway } from '../support/gateway.js';
import { untilRead } from './console-page.js';

/** How large the picture in README.md may be. */
const maxBytes = 120 * 1024;

const cluster = useCluster();
const open = useBrowser();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(cluster());
});
afterAll(() => gateway.stop());

test('the console is shown after a failover; PICTURE names the file to keep, such as docs/console.png', async () => {
  await gateway.ask(
    'mutation { addEmployee(input: {name: "Ada Lovelace", position: "Engineer", salary: 6000}) { bookmark } }',
  );
  const { page } = await open(gateway.url, { width: 1000, height: 840 });
  await page.locator('.drawing .node.leader').waitFor();
  const leader = await cluster().waitForLeader();
  await cluster().kill(leader);
  await page.locator('.changes .elected', { hasText: 'after' }).waitFor();
  await page.locator('.drawing .node.unreachable').waitFor();
  await untilRead(page);
  const picture = await page.screenshot({ animations: 'disabled' });
  expect(picture.byteLength).toBeLessThan(maxBytes);
  const path = process.env['PICTURE'];
  if (path !== undefined) await writeFile(path, picture);
});
