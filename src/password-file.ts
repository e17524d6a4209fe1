import { ConfigError } from './operator-error.js';
import { readNamedFile } from './read-named-file.js';

/** More is no password: somebody has named the wrong file. */
const maxBytes = 1_024;

/**
 * The password in a file, as secrets are mounted: all of it but the end of the line that editors add.
 * Rejects with ConfigError, which says nothing of what is in the file.
 */
export async function readPasswordFile(path: string): Promise<string> {
  const text = await readNamedFile(path, (reason) => refuse(path, reason));
  if (Buffer.byteLength(text) > maxBytes) throw refuse(path, `it has more than ${maxBytes} bytes`);
  const password = text.replace(/\r?\n$/, '');
  if (password === '') throw refuse(path, 'it is empty');
  if (/[\r\n\0]/.test(password)) throw refuse(path, 'it has more than one line');
  return password;
}

const refuse = (path: string, problem: string): ConfigError =>
  new ConfigError(`The password file ${path} cannot be used`, [`${problem}: see TARANTOOL_PASSWORD_FILE`]);
