import { readFile } from 'node:fs/promises';

/** The text of a file that a setting names. Rejects with what `refuse` makes of the reason when there is none to be had. */
export async function readNamedFile(path: string, refuse: (reason: string) => Error): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw refuse(`it cannot be read (${code})`);
  }
}
