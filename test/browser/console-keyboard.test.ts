import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { useBrowser } from '../support/browser.js';
import { useCluster } from '../support/cluster.js';
import { type TestGateway, startGateway } from '../support/gateway.js';
import { employeeRows, leaderInDrawing, untilRead } from './console-page.js';

/* All of the console without a mouse: nothing in these tests clicks, fills or focuses. */

const cluster = useCluster();
const open = useBrowser();
let gateway: TestGateway;
let page: Page;

beforeAll(async () => {
  gateway = await startGateway(cluster());
  await gateway.ask('mutation { addEmployees(input: {employees: [' + people.join() + ']}) { bookmark } }');
});
beforeEach(async () => {
  ({ page } = await open(gateway.url));
  await page.locator('.drawing .node.leader').waitFor();
  await untilRead(page);
});
afterAll(() => gateway.stop());

const people = Array.from(
  { length: 12 },
  (_, index) => `{name: "Person ${index + 10}", position: "Tester", salary: ${3000 + index}}`,
);

const press = async (...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};

/** What a screen reader would call what has the focus. */
const focused = (): Promise<string> =>
  page.evaluate(`(() => {
    const { activeElement: element } = document;
    if (element === document.body) return 'nothing';
    return (element.labels?.[0] ?? element).textContent.trim();
  })()`);

/** Presses Tab until something of this name has the focus: forwards, as far as the page goes. */
async function tabTo(name: string): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 100; presses++) {
    await press('Tab');
    const now = await focused();
    if (now === name) return;
    passed.push(now);
  }
  throw new Error(`Tab never comes to ${name}; it comes to ${passed.join(', ')}`);
}

const dialogIsGone = () => page.locator('dialog').waitFor({ state: 'detached' });

test('Tab comes to everything that can be used, in the order of the page, and one sees where it is', async () => {
  const leader = await leaderInDrawing(page);
  const followers = cluster().names.filter((name) => name !== leader);
  const order: string[] = [];
  for (;;) {
    await press('Tab');
    const name = await focused();
    if (name === 'nothing') break;
    order.push(name);
    expect.soft(await isMarked(), `one sees that ${name} has the focus`).toBe(true);
  }
  const rows = (await employeeRows(page)).map((row) => row.split(' | ')[1] ?? '');
  expect(order).toEqual([
    'Skip to the employees',
    'GraphiQL',
    'Playground',
    'Schema',
    ...followers.map((name) => `Hand over leadership to ${name}`),
    'Replication between each pair',
    'Add employee',
    'Leader',
    'Name contains',
    'Position contains',
    'Salary from',
    'to',
    'Read again',
    'Id↑',
    'Name',
    'Position',
    'Salary',
    ...rows.flatMap((name) => [`Edit ${name}`, `Remove ${name}`]),
    'First',
    'Previous',
    'Next',
  ]);
});

/** Whether what has the focus, or what stands for it in the picture, is outlined and within the window. */
const isMarked = (): Promise<boolean> =>
  page.evaluate(`(() => {
    const { activeElement: element } = document;
    const shown = element.type === 'radio' ? element.nextElementSibling : element;
    const { outlineStyle, outlineWidth } = getComputedStyle(shown);
    const { top, bottom } = shown.getBoundingClientRect();
    return outlineStyle === 'solid' && outlineWidth === '2px' && top >= 0 && bottom <= innerHeight;
  })()`);

test('leadership is handed over, and the streams are shown', async () => {
  const leader = await leaderInDrawing(page);
  const target = cluster().names.find((name) => name !== leader) ?? '';
  await tabTo(`Hand over leadership to ${target}`);
  await press('Enter');
  await page.locator(`.drawing .node.leader[data-node=${target}]`).waitFor();
  // The leader has no such button, and no other: the heading is nearest.
  expect(await focused()).toBe('Topology');
  await tabTo('Replication between each pair');
  await press('Enter');
  await page.locator('.streams tbody tr').nth(5).waitFor();
  expect(await focused()).toBe('Replication between each pair');
});

test('who answers is chosen with the arrows', async () => {
  await tabTo('Leader');
  await press('ArrowRight');
  expect(await focused()).toBe('Linearizable');
  await press('ArrowRight', 'ArrowRight');
  const [node = ''] = cluster().names;
  expect(await focused()).toBe(node);
  await page.locator('[data-testid=answered-by]', { hasText: `Answered by ${node}` }).waitFor();
  await press('Tab');
  expect(await focused()).toBe('Name contains');
});

test('the table is filtered, ordered and paged', async () => {
  await tabTo('Name contains');
  await page.keyboard.type('Person');
  await page.locator('[data-testid=count]', { hasText: '12 employees' }).waitFor();
  expect(await focused()).toBe('Name contains');
  await tabTo('Salary');
  await press('Enter');
  await page.locator('th[aria-sort=ascending]', { hasText: 'Salary' }).waitFor();
  await press('Space');
  await page.locator('th[aria-sort=descending]', { hasText: 'Salary' }).waitFor();
  await untilRead(page);
  expect((await employeeRows(page))[0]).toContain('Person 21');

  await tabTo('Next');
  await press('Enter');
  await page.locator('[data-testid=employees] tbody tr').nth(2).waitFor({ state: 'detached' });
  expect(await employeeRows(page)).toHaveLength(2);
  // There is no further page, but the button keeps its place.
  expect(await focused()).toBe('Next');
  await press('Shift+Tab');
  expect(await focused()).toBe('Previous');
  await press('Enter');
  await page.locator('[data-testid=employees] tbody tr').nth(9).waitFor();
});

test('somebody is added, changed and removed, and each dialog ends where it began', async () => {
  await tabTo('Skip to the employees');
  await press('Enter');
  await tabTo('Add employee');
  await press('Enter');
  expect(await focused()).toBe('Name');
  await press('Escape');
  await dialogIsGone();
  expect(await focused()).toBe('Add employee');
  await press('Enter');
  await page.keyboard.type('Ada Lovelace');
  await press('Tab');
  await page.keyboard.type('Engineer');
  await press('Tab');
  await page.keyboard.type('6000');
  await press('Enter');
  await dialogIsGone();
  await page.locator('[role=status]', { hasText: 'Ada Lovelace was added' }).waitFor();
  expect(await focused()).toBe('Add employee');

  await tabTo('Name contains');
  await page.keyboard.type('Ada');
  await page.locator('[data-testid=count]', { hasText: '1 employee' }).waitFor();
  await tabTo('Edit Ada Lovelace');
  await press('Enter');
  expect(await focused()).toBe('Name');
  await tabTo('Salary');
  await press('Control+A');
  await page.keyboard.type('7000');
  await press('Enter');
  await dialogIsGone();
  expect(await focused()).toBe('Edit Ada Lovelace');
  await page.locator('[data-testid=employees]', { hasText: '7,000' }).waitFor();

  await press('Tab', 'Enter');
  expect(await focused()).toBe('Cancel');
  await press('Enter');
  await dialogIsGone();
  expect(await focused()).toBe('Remove Ada Lovelace');
  await press('Enter');
  await tabTo('Remove');
  await press('Enter');
  await page.getByText('Nobody fits this filter.').waitFor();
  // Its row is gone, and what led to it: the heading of the table is nearest.
  expect(await focused()).toBe('Employees');
  await tabTo('Clear the filter');
  await press('Enter');
  await page.locator('[data-testid=employees] tbody tr').first().waitFor();
  expect(await focused()).toBe('Employees');
});

test('the focus stays inside an open dialog', async () => {
  await tabTo('Add employee');
  await press('Enter');
  const seen = new Set<string>();
  for (let presses = 0; presses < 12; presses++) {
    seen.add(await focused());
    await press('Tab');
  }
  // Behind the last comes the browser's own bar, which the page takes for nothing.
  expect([...seen]).toEqual(['Name', 'Position', 'Salary', 'Cancel', 'Save', 'nothing']);
});
