import { afterEach, expect, test } from 'vitest';
import type { Permission } from '../../src/access/identity.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { type GatewayUnderTest, startGateway } from '../contract/http/gateway-under-test.js';
import { useBrowser } from '../support/browser.js';
import { everybodyMay } from '../support/identities.js';
import { employeeRows, untilRead } from './console-page.js';

let gateway: GatewayUnderTest;
afterEach(() => gateway.stop());
// What is set up last ends first: a page that outlives its gateway complains.
const open = useBrowser();

async function openFor(...permissions: readonly Permission[]) {
  const rows = [
    [1, 'John Doe', 'Manager', 5000],
    [2, 'Jane Smith', 'Developer', 4000],
  ] as const;
  gateway = await startGateway({ rows, authenticator: everybodyMay(...permissions) });
  // Browsers log what is refused.
  const { page } = await open(gateway.url, { forgives: /\b403\b/ });
  return page;
}

test('salaries that may not be read are hidden, and all else works', async () => {
  const page = await openFor('employees:read', 'employees:write', 'cluster:read');
  await untilRead(page);
  expect(await employeeRows(page)).toEqual([
    '1 | John Doe | Manager | hidden',
    '2 | Jane Smith | Developer | hidden',
  ]);
  expect(await page.getByRole('button', { name: 'Salary' }).count()).toBe(0);
  expect(await page.getByLabel('Salary from').count()).toBe(0);

  await page.getByRole('button', { name: 'Edit John Doe' }).click();
  expect(await page.locator('dialog [name=salary]').inputValue()).toBe('');
  await page.locator('dialog [name=position]').fill('Director');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('[role=status]', { hasText: 'John Doe was changed' }).waitFor();
  expect(gateway.replicaSet.employees.rows.get(1)).toEqual([1, 'John Doe', 'Director', 5000]);
  await waitFor('the list shows it', async () =>
    (await employeeRows(page)).includes('1 | John Doe | Director | hidden'),
  );

  await page.getByRole('button', { name: 'Add employee' }).click();
  for (const [field, text] of [
    ['name', 'Ada Lovelace'],
    ['position', 'Engineer'],
    ['salary', '6000'],
  ]) {
    await page.locator(`dialog [name=${field}]`).fill(text ?? '');
  }
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('[role=status]', { hasText: 'Ada Lovelace was added' }).waitFor();
  expect([...gateway.replicaSet.employees.rows.values()].at(-1)?.[3]).toBe(6000);
});

test('who may not see the cluster is told so, and sees the employees', async () => {
  const page = await openFor('employees:read', 'salaries:read');
  await page.locator('[data-testid=standing]', { hasText: 'You may not see the cluster' }).waitFor();
  await untilRead(page);
  expect(await employeeRows(page)).toHaveLength(2);
  await page.getByRole('button', { name: 'Salary' }).click();
  await page.locator('th[aria-sort=ascending]', { hasText: 'Salary' }).waitFor();
  expect(await page.locator('[data-testid=lost]').count()).toBe(0);

  await page.getByRole('button', { name: 'Remove John Doe' }).click();
  await page.locator('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.locator('dialog [role=alert]', { hasText: 'employees:write' }).waitFor();
});
