import { afterAll, beforeAll, expect, test } from 'vitest';
import { useBrowser } from '../support/browser.js';
import { useCluster } from '../support/cluster.js';
import { type TestGateway, startGateway } from '../support/gateway.js';

const cluster = useCluster();
const open = useBrowser();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(cluster());
});
afterAll(() => gateway.stop());

interface Paint {
  readonly firstPaintMs: number;
  readonly bytes: number;
}

const noteDrawing = `new MutationObserver((_changes, observer) => {
  if (document.querySelector('.drawing .node') === null) return;
  window.drawnMs = performance.now();
  observer.disconnect();
}).observe(document, { childList: true, subtree: true })`;

// Says `console-speed` with the figures, for docs: times depend on the machine, so they are told and not tested.
test('the console is small, and is there at once', async () => {
  const { page } = await open(gateway.url, { script: noteDrawing });
  await page.locator('.drawing .node.leader').waitFor();
  const drawnMs = await page.evaluate<number>('window.drawnMs');
  const { firstPaintMs, bytes } = await page.evaluate<Paint>(`({
      firstPaintMs: performance.getEntriesByName('first-contentful-paint')[0].startTime,
      bytes: [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .filter(({ name }) => name === location.href || name.includes('/pages/console/'))
        .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    })`);
  process.stderr.write(
    `console-speed: ${bytes} bytes, first contentful paint ${Math.round(firstPaintMs)} ms, topology drawn ${Math.round(drawnMs)} ms\n`,
  );
  // Everything that the page consists of, compressed.
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(40 * 1024);
});
