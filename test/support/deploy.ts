import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { packageRoot } from '../../src/package-root.js';
import { parseSettings } from '../../src/settings.js';

/** `pollIntervalMs` comes from `POLL_INTERVAL_MS`. */
export const variableOf = (setting: string): string =>
  setting.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** Every variable that the gateway reads. */
export const settingNames: ReadonlySet<string> = new Set(
  Object.keys(parseSettings({}, { cwd: packageRoot, packageRoot })).map(variableOf),
);

export const deployed = (path: string): string => join(packageRoot, 'deploy', path);

export const readDeployed = (path: string): Promise<string> => readFile(deployed(path), 'utf8');

/** All documents of a YAML file; throws what is wrong with them. */
export async function readYaml(path: string): Promise<unknown[]> {
  return parseAllDocuments(await readDeployed(path), { merge: true }).map((document) => {
    const [problem] = document.errors;
    if (problem !== undefined) throw problem;
    return document.toJS();
  });
}

/** Names and values of a file as systemd and docker read it: `NAME=value`, one a line. */
export async function readEnvironment(path: string): Promise<Readonly<Record<string, string>>> {
  const lines = (await readDeployed(path)).split('\n');
  const pairs = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(pairs.map((line) => [line.split('=', 1)[0] ?? '', line.replace(/^[^=]*=/, '')]));
}
