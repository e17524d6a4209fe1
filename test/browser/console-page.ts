import type { Page } from 'playwright-core';

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
