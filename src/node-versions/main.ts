import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { OperatorError } from '../operator-error.js';
import { packageRoot } from '../package-root.js';
import { runCommand } from '../run-command.js';
import { openTerminal } from '../terminal.js';
import { serveOnce } from './serve-once.js';
import { nodeVersions, packageOf } from './versions.js';

const run = promisify(execFile);

/** Where most of what differs between versions of Node is used: sockets, cryptography, files, processes. */
const quickTests = ['test/unit/tarantool', 'test/unit/access', 'test/unit/cluster-config'];

/**
 * `npm run node-versions`: has the gateway answer and runs the unit tests with each Node that it is made for; with `--quick`
 * those of {@link quickTests}.
 */
await runCommand(async ({ signal }) => {
  const tests = process.argv.includes('--quick') ? quickTests : ['test/unit'];
  const terminal = openTerminal(process.stdout, process.env);
  let failures = 0;
  const told = (version: string, what: string, problem: string | null): void => {
    if (problem !== null) failures++;
    terminal.say(`${problem === null ? 'ok    ' : 'failed'}  Node ${version}  ${what}`);
    if (problem !== null) terminal.say(problem);
  };
  for (const version of nodeVersions) {
    const node = await terminal.during(`Fetching Node ${version}`, fetchNode(version, signal));
    told(version, 'the gateway starts, answers and stops', await serveOnce(node));
    const work = runTests(node, tests, signal);
    told(
      version,
      `tests of ${tests.join(', ')}`,
      await terminal.during(`Testing with Node ${version}`, work),
    );
  }
  return failures === 0 ? 0 : 1;
});

/** Resolves to the path of the binary; npm keeps it for the next time. */
async function fetchNode(version: string, signal: AbortSignal): Promise<string> {
  const wanted = ['exec', '--yes', `--package=${packageOf(version)}`, '--'];
  try {
    // Not in this package, whose own binaries would come first.
    const options = { cwd: tmpdir(), signal };
    const { stdout } = await run('npm', [...wanted, 'node', '-p', 'process.execPath'], options);
    return stdout.trim();
  } catch (cause) {
    throw new OperatorError(`npm has no ${packageOf(version)} for us`, [
      cause instanceof Error ? cause.message : String(cause),
    ]);
  }
}

async function runTests(node: string, tests: readonly string[], signal: AbortSignal): Promise<string | null> {
  try {
    await run(node, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...tests], {
      cwd: packageRoot,
      maxBuffer: 2 ** 26,
      signal,
    });
    return null;
  } catch (error) {
    const stdout: unknown = error instanceof Error && 'stdout' in error ? error.stdout : error;
    return String(stdout);
  }
}
