import { findTestTarantool } from './tarantool.js';

/** Once per run, before any test that needs it: no test waits for an installation. */
export async function setup(): Promise<void> {
  const { path } = await findTestTarantool();
  process.env['TARANTOOL'] = path;
}
