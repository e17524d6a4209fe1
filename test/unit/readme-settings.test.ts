import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { parseSettings } from '../../src/settings.js';

type Value = string | number | null;

/** Each setting that an environment leads to, by its name in the code. */
const settingsOf = (environment: Record<string, string>): Map<string, Value> =>
  new Map(Object.entries<Value>({ ...parseSettings(environment, { cwd: packageRoot, packageRoot }) }));

/** The rows of the table in README.md: each variable, and its default, null when that is told in words. */
async function documentedDefaults(): Promise<Record<string, string | null>> {
  const text = await readFile(join(packageRoot, 'README.md'), 'utf8');
  const table = /^## Settings$[^]*?(?=^## )/m.exec(text)?.[0] ?? '';
  const rows = table.matchAll(/^\| `(?<name>[A-Z_]+)` *\| (?<value>[^|]*?) *\|/gm);
  return Object.fromEntries(
    [...rows].map(({ groups }) => [
      groups?.['name'],
      /^`([^`]+)`$/.exec(groups?.['value'] ?? '')?.[1] ?? null,
    ]),
  );
}

/** `pollIntervalMs` comes from `POLL_INTERVAL_MS`: the test below finds out whether it does. */
const variableOf = (setting: string): string =>
  setting.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

const settings = [...settingsOf({})];

describe('the table of settings in README.md', () => {
  test('has every setting with its default, and invents none', async () => {
    const defaults = settings.map(([setting, value]) => [
      variableOf(setting),
      value === null ? null : String(value).replace(packageRoot, ''),
    ]);
    expect(await documentedDefaults()).toEqual(Object.fromEntries(defaults));
  });

  test.each(settings)('names the variable from which %s comes', (setting, value) => {
    const others: Record<string, string> = { logLevel: 'debug', maxWaitingBytes: '500000' };
    expect(settingsOf({ [variableOf(setting)]: others[setting] ?? '5000' }).get(setting)).not.toBe(value);
  });
});
