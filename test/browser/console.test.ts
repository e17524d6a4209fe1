import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type VisitOptions, useBrowser } from '../support/browser.js';
import { useCluster } from '../support/cluster.js';
import { type TestGateway, startGateway } from '../support/gateway.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { employeeRows, leaderInDrawing, untilRead } from './console-page.js';

const cluster = useCluster();
const open = useBrowser();
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway(cluster());
  await gateway.ask('mutation { addEmployees(input: {employees: [' + people.join() + ']}) { bookmark } }');
});
beforeEach(async () => {
  await cluster().restart(...cluster().names);
  await cluster().waitForLeader();
});
afterAll(() => gateway.stop());

const people = Array.from(
  { length: 23 },
  (_, index) => `{name: "Person ${index + 10}", position: "Tester", salary: ${3000 + index}}`,
);

/** With what the page shows when it has all that it shows. */
async function openReady(options: VisitOptions = {}) {
  const opened = await open(gateway.url, options);
  await opened.page.locator('.drawing .node.leader').waitFor();
  await untilRead(opened.page);
  return opened;
}

async function fillIn(page: Page, employee: Readonly<Record<string, string>>): Promise<void> {
  for (const [field, text] of Object.entries(employee))
    await page.locator(`dialog [name=${field}]`).fill(text);
}

/** How many employees have this name. */
async function countOf(name: string): Promise<number> {
  const query = `{ employees(filter: {name: {eq: "${name}"}}) { totalCount } }`;
  return Object(await gateway.ask(query)).employees.totalCount;
}

const dialog = (page: Page) => page.locator('dialog');

describe('the page', () => {
  test('loads from the gateway alone, under a strict policy, and complains of nothing', async () => {
    const { page } = await openReady();
    await page.locator('[data-testid=link]', { hasText: 'Live' }).waitFor();
    const { headers } = await fetch(gateway.url);
    expect(headers.get('content-security-policy')).toMatch(/script-src 'self';.*style-src 'self';/);
  });

  test('draws each node, who leads, and the streams between each pair', async () => {
    const { page } = await openReady();
    const names = await page
      .locator('.drawing .node')
      .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-node')));
    expect(names).toEqual(cluster().names);
    expect(await leaderInDrawing(page)).toBe(await cluster().waitForLeader());
    expect(await page.locator('.drawing .stream').count()).toBe(6);
    await page.getByText('Replication between each pair').click();
    expect(await page.locator('.streams tbody tr').count()).toBe(6);
  });

  test.each([
    [375, 'light'],
    [375, 'dark'],
    [320, 'light'],
  ] as const)('fits %s pixels (%s): nothing has to be scrolled sideways', async (width, colorScheme) => {
    const { page } = await openReady({ width, height: 800, colorScheme });
    const widthOfAll = () => page.evaluate('document.documentElement.scrollWidth');
    expect(await widthOfAll()).toBe(width);
    await page.getByText('Replication between each pair').click();
    await page.locator('.streams tbody tr').first().waitFor();
    expect(await widthOfAll()).toBe(width);
    await page.getByRole('button', { name: 'Add employee' }).click();
    await fillIn(page, { name: 'x'.repeat(200), position: '', salary: 'much' });
    await page.keyboard.press('Enter');
    await page.locator('dialog #salary-problem').waitFor();
    expect(await widthOfAll()).toBe(width);
    const { x, width: dialogWidth } = (await dialog(page).boundingBox()) ?? { x: -1, width: 0 };
    expect([x > 0, x + dialogWidth < width]).toEqual([true, true]);
  });

  test('has no button for processes that this gateway does not run', async () => {
    const { page } = await openReady();
    await page
      .getByRole('button', { name: /^Hand over leadership/ })
      .first()
      .waitFor();
    expect(await page.getByRole('button', { name: /^(?:Kill|Freeze|Start)/ }).count()).toBe(0);
    expect((await fetch(`${gateway.url}/local/nodes`)).status).toBe(404);
  });
});

describe('when the leader is lost', () => {
  test('the page shows its loss and the next leader within a second of the gateway, without a reload', async () => {
    const { page } = await openReady();
    await page.evaluate('window.loadedOnce = true');
    const before = await cluster().waitForLeader();
    const events = gateway.subscribe('subscription { leadershipChanged { kind leader { name } } }');
    await waitFor('the subscription has begun', () => events.length === 1);

    await cluster().kill(before);
    await waitFor('the gateway tells of the next leader', () =>
      JSON.stringify(events.at(-1)).includes('ELECTED'),
    );
    const knownAt = performance.now();
    await page.locator(`.drawing .node.leader:not([data-node=${before}])`).waitFor();
    await page.locator(`.drawing .node.unreachable[data-node=${before}]`).waitFor();
    const shownAfterMs = performance.now() - knownAt;

    expect(shownAfterMs).toBeLessThan(1_000);
    const next = await cluster().waitForLeader({ not: before });
    expect(await page.locator('.changes li').allTextContents()).toEqual(
      expect.arrayContaining([
        expect.stringContaining(`${before} was lost`),
        expect.stringMatching(new RegExp(`${next} was elected after \\d+(?:\\.\\d)? m?s`)),
      ]),
    );
    expect(await page.locator('[data-testid=pause]').textContent()).toContain(
      `between ${before} and ${next}`,
    );
    expect(await page.evaluate('window.loadedOnce')).toBe(true);
    // News take the focus from nobody.
    expect(await page.evaluate('document.activeElement === document.body')).toBe(true);
  });

  test('a mutation waits while nobody leads, and then succeeds once', async () => {
    const { page } = await openReady();
    const killed = [...cluster().names].slice(0, 2);
    await cluster().killAll();
    await page.locator('[data-testid=vacancy]').waitFor();

    await page.getByRole('button', { name: 'Add employee' }).click();
    await fillIn(page, { name: 'Patience', position: 'Waiter', salary: '4000' });
    await page.keyboard.press('Enter');
    await page.locator('dialog [data-testid=waiting]', { hasText: 'waits for the next leader' }).waitFor();
    await cluster().restart(...killed);
    await dialog(page).waitFor({ state: 'detached' });
    await page.locator('[role=status]', { hasText: 'Patience was added' }).waitFor();
    expect(await countOf('Patience')).toBe(1);
  });

  test('a mutation that a frozen leader never answers waits for the next one, and then succeeds once', async () => {
    const { page } = await openReady();
    const frozen = await cluster().waitForLeader();
    await page.getByRole('button', { name: 'Add employee' }).click();
    await fillIn(page, { name: 'Constance', position: 'Waiter', salary: '4000' });
    await cluster().freeze(frozen);
    try {
      await page.keyboard.press('Enter');
      const waiting = page.locator('dialog [data-testid=waiting]');
      await waiting.filter({ hasText: /is on its way|waits for the next leader/ }).waitFor();
      expect(await dialog(page).getByRole('button', { name: 'Stop waiting' }).count()).toBe(1);
      await dialog(page).waitFor({ state: 'detached' });
      await page.locator('[role=status]', { hasText: 'Constance was added' }).waitFor();
      await page.locator(`.drawing .node.leader:not([data-node=${frozen}])`).waitFor();
    } finally {
      cluster().thaw(frozen);
    }
    expect(await countOf('Constance')).toBe(1);
  });

  test('the same employees are on the new leader and on a replica: two clicks', async () => {
    const { page } = await openReady();
    const before = await leaderInDrawing(page);
    await cluster().kill(before ?? '');
    await page.locator(`.drawing .node.leader:not([data-node=${before}])`).waitFor();
    await untilRead(page);
    const next = await leaderInDrawing(page);
    const replica = cluster().names.find((name) => name !== before && name !== next) ?? '';

    const seen: (readonly string[])[] = [];
    for (const name of [next ?? '', replica]) {
      await page.getByRole('radio', { name }).check();
      await page.locator('[data-testid=answered-by]', { hasText: `Answered by ${name}` }).waitFor();
      await untilRead(page);
      seen.push(await employeeRows(page));
    }
    expect(seen[0]).toHaveLength(10);
    expect(seen[1]).toEqual(seen[0]);
  });
});

describe('employees', () => {
  test('are added, changed and removed; what is wrong is told at its field', async () => {
    const { page } = await openReady();
    await page.getByRole('button', { name: 'Add employee' }).click();
    await fillIn(page, { name: 'Grace Hopper', position: 'Admiral', salary: '-5' });
    await page.getByRole('button', { name: 'Save' }).click();
    const salary = page.locator('dialog [name=salary]');
    await page.locator('dialog #salary-problem', { hasText: 'from 0 to' }).waitFor();
    expect(await salary.getAttribute('aria-invalid')).toBe('true');
    expect(await salary.getAttribute('aria-describedby')).toBe('salary-problem');
    expect(await page.evaluate('document.activeElement.name')).toBe('salary');
    await fillIn(page, { salary: '7000' });
    await page.getByRole('button', { name: 'Save' }).click();
    await dialog(page).waitFor({ state: 'detached' });

    await page.getByLabel('Name contains').fill('Grace');
    const row = page.locator('[data-testid=employees] tbody tr');
    await row.filter({ hasText: 'Grace Hopper' }).getByRole('button', { name: 'Edit' }).click();
    await fillIn(page, { position: 'Rear admiral' });
    await page.getByRole('button', { name: 'Save' }).click();
    await row.filter({ hasText: 'Rear admiral' }).waitFor();

    await row.getByRole('button', { name: 'Remove' }).click();
    await dialog(page).getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Nobody fits this filter.').waitFor();
    // The button that had the focus went with its row.
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Employees');
  });

  test('that somebody else has changed meanwhile are not overwritten unseen', async () => {
    const { page } = await openReady();
    await page.getByRole('button', { name: 'Edit Person 10' }).click();
    const id = (await page.locator('dialog h2').textContent())?.replace('Edit employee ', '') ?? '';
    await gateway.ask('mutation ($id: ID!) { updateEmployee(input: {id: $id, salary: 9999}) { bookmark } }', {
      id,
    });
    await fillIn(page, { salary: '1' });
    await page.getByRole('button', { name: 'Save' }).click();
    await dialog(page).getByText('Somebody else has changed this employee').waitFor();
    await page.getByRole('button', { name: 'See what it is now' }).click();
    await dialog(page).getByText('9,999').waitFor();
    await page.getByRole('button', { name: 'Take what is there' }).click();
    expect(await page.locator('dialog [name=salary]').inputValue()).toBe('9999');
  });

  test('come in pages and in the order that one likes', async () => {
    const { page } = await openReady();
    await page.getByRole('button', { name: 'Salary' }).click();
    await page.locator('th[aria-sort=ascending]', { hasText: 'Salary' }).waitFor();
    await page.getByLabel('Position contains').fill('Tester');
    await page.locator('[data-testid=count]', { hasText: '23' }).waitFor();
    const pages: (readonly string[])[] = [];
    for (;;) {
      await untilRead(page);
      pages.push(await employeeRows(page));
      const next = page.getByRole('button', { name: 'Next' });
      if ((await next.getAttribute('aria-disabled')) === 'true') break;
      const first = pages.at(-1)?.[0] ?? '';
      await next.click();
      await waitFor('the next page is there', async () => (await employeeRows(page))[0] !== first);
    }
    expect(pages.map((rows) => rows.length)).toEqual([10, 10, 3]);
    expect(new Set(pages.flat()).size).toBe(23);
    await page.getByRole('button', { name: 'Previous' }).click();
    await waitFor('the page before is there', async () => (await employeeRows(page)).length === 10);
    expect(await employeeRows(page)).toEqual(pages[1]);
  });
});

test('leadership is handed over at the press of a button', async () => {
  const { page } = await openReady();
  const before = await leaderInDrawing(page);
  const target = cluster().names.find((name) => name !== before) ?? '';
  await page.getByRole('button', { name: `Hand over leadership to ${target}` }).click();
  await page.locator(`.drawing .node.leader[data-node=${target}]`).waitFor();
  expect(await cluster().waitForLeader()).toBe(target);
});
