import { afterAll, beforeAll, expect, test } from 'vitest';
import { savePicture, useBrowser } from '../support/browser.js';
import { useCluster } from '../support/cluster.js';
import { type TestGateway, startGateway } from '../support/gateway.js';
import { leaderInDrawing, untilRead } from './console-page.js';

const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
const cluster = useCluster({ names });
const open = useBrowser();
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway(cluster());
});
afterAll(() => gateway.stop());

interface Box {
  readonly name: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const boxes = `[...document.querySelectorAll('.drawing .node, .drawing .lag')].map((element) => {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return { name: element.textContent, left, right, top, bottom };
})`;

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

test.each([1280, 375])(
  'five nodes have room on a page of %s pixels, and show who leads after a kill',
  async (width) => {
    const { page } = await open(gateway.url, { width });
    await page.locator('.drawing .node.leader').waitFor();
    await untilRead(page);
    expect(await page.locator('.drawing .node').count()).toBe(5);
    expect(await page.locator('.drawing .stream').count()).toBe(20);
    await expectOrder();
    await savePicture(page, `five-nodes-${width}`);

    const before = (await leaderInDrawing(page)) ?? '';
    await cluster().kill(before);
    await page.locator(`.drawing .node.leader:not([data-node=${before}])`).waitFor();
    await page.locator(`.drawing .node.unreachable[data-node=${before}]`).waitFor();
    await page.locator('[data-testid=standing]', { hasText: '4 of 5' }).waitFor();
    await expectOrder();
    await savePicture(page, `five-nodes-${width}-after-a-kill`);
    await cluster().restart(before);

    /** Nodes and labels hide neither each other nor anything beside the page. */
    async function expectOrder(): Promise<void> {
      const drawn = await page.evaluate<readonly Box[]>(boxes);
      const hidden = drawn.flatMap((a, index) =>
        drawn
          .slice(index + 1)
          .filter((b) => overlap(a, b))
          .map((b) => `${a.name} and ${b.name}`),
      );
      expect(hidden).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  },
);
