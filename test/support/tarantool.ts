import { installTarantoolPackage } from '../../src/local/debian-package.js';
import { type TarantoolBinary, findTarantool } from '../../src/local/tarantool-binary.js';
import { openTerminal } from '../../src/terminal.js';

/** The Tarantool to test with: the one that `npm start` would take, got in the same way when there is none. */
export async function findTestTarantool(): Promise<TarantoolBinary> {
  const terminal = openTerminal(process.stderr, process.env);
  return findTarantool({
    wanted: process.env['TARANTOOL'] ?? null,
    searchPath: process.env['PATH'] ?? '',
    install: () => installTarantoolPackage(terminal, new AbortController().signal),
  });
}
