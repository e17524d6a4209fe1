import { afterAll, beforeAll, expect, test } from 'vitest';
import { useBrowser, type Visit } from '../support/browser.js';
import { useCluster } from '../support/cluster.js';
import { listAndAdd, seeText, watchLeaderDie, type Editor } from '../support/editor-story.js';
import { startGateway, type TestGateway } from '../support/gateway.js';

/* The real GraphQL Playground, from this gateway alone: that nothing else is asked is seen to by useBrowser. */

const cluster = useCluster();
const visit = useBrowser();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(cluster());
});
afterAll(() => gateway?.stop());

async function openPlayground(): Promise<Editor & Visit> {
  const opened = await visit(`${gateway.url}/playground`);
  const { page } = opened;
  await page.locator('.CodeMirror').first().waitFor();
  return {
    ...opened,
    choose: (example) => page.getByText(example, { exact: true }).click(),
    run: () => page.locator('[title="Execute Query (Ctrl-Enter)"]').click(),
    seesResult: (text) => seeText(page, '#root', text),
  };
}

test('Playground runs its examples: a query and a mutation', async () => {
  await listAndAdd(await openPlayground(), 'playground');
});

test('Playground sees a leader die and another one elected, over the older sub-protocol', async () => {
  const playground = await openPlayground();
  await watchLeaderDie(playground, { cluster: cluster(), name: 'playground' });
  expect(playground.socketProtocols).toEqual(['graphql-ws']);
  // It scrolls results into view; the page around them stays where it is.
  const left = await playground.page.getByText('List employees', { exact: true }).boundingBox();
  expect(left?.x).toBeLessThan(20);
  expect(left?.x).toBeGreaterThanOrEqual(0);
});

test('Playground knows the schema, and asks for it once', async () => {
  const { page } = await openPlayground();
  let asked = 0;
  page.on('request', (request) => {
    if (request.postData()?.includes('IntrospectionQuery')) asked += 1;
  });
  await page.reload();
  await page.getByText('Docs', { exact: true }).click();
  await page.getByText('leadershipChanged', { exact: false }).first().waitFor();
  expect(asked).toBe(1);
});
