import { expect, test } from 'vitest';
import { findFreePorts } from '../../src/trial/free-ports.js';
import { useBrowser } from '../support/browser.js';
import { useCluster } from '../support/cluster.js';
import { startGateway } from '../support/gateway.js';
import { leaderInDrawing, untilRead } from './console-page.js';

const cluster = useCluster();
const open = useBrowser();

test('a page whose gateway goes says so, and comes back by itself with what it has missed', async () => {
  const [port] = await findFreePorts(1);
  const environment = { PORT: String(port) };
  const first = await startGateway(cluster(), environment);
  const { page } = await open(first.url, { forgives: /ERR_CONNECTION_REFUSED/ });
  await page.locator('.drawing .node.leader').waitFor();
  await untilRead(page);
  const before = await leaderInDrawing(page);

  await first.stop();
  await page.locator('[data-testid=lost]', { hasText: 'The gateway does not answer' }).waitFor();
  await page.locator('[data-testid=link]', { hasText: 'Connection lost' }).waitFor();
  // While nobody tells the page anything, another node comes to lead.
  await cluster().kill(before ?? '');
  const next = await cluster().waitForLeader({ not: before ?? '' });

  const second = await startGateway(cluster(), environment);
  try {
    await page.locator('[data-testid=link]', { hasText: 'Live' }).waitFor();
    await page.locator(`.drawing .node.leader[data-node=${next}]`).waitFor();
    await page.locator('[data-testid=lost]').waitFor({ state: 'detached' });
    await page.locator('[data-testid=answered-by]', { hasText: `Answered by ${next}` }).waitFor();
    expect(await page.locator('[role=alert]').count()).toBe(0);
  } finally {
    await second.stop();
  }
});
