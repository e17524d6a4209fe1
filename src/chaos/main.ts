import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installTarantoolPackage } from '../local/debian-package.js';
import { findTarantool } from '../local/tarantool-binary.js';
import { OperatorError } from '../operator-error.js';
import { packageRoot } from '../package-root.js';
import { readOrTell, runCommand } from '../run-command.js';
import { parseSettings } from '../settings.js';
import { openTerminal } from '../terminal.js';
import { parseArguments, usage } from './arguments.js';
import { figuresOf } from './figures.js';
import { describeProgress } from './progress.js';
import { renderReport, renderVerdict } from './report.js';
import { type Progress, runChaos } from './run-chaos.js';
import { judge } from './verdict.js';

/** `npm run chaos` */
await runCommand(async ({ signal }) => {
  const terminal = openTerminal(process.stdout, process.env);
  const wanted = await readOrTell(() => parseArguments(process.argv.slice(2), () => randomInt(2 ** 32)));
  if (wanted === null) return 2;
  if (wanted.kind === 'help') {
    terminal.say(usage);
    return 0;
  }
  const { seed, durationMs, kinds, json } = wanted;
  const settings = parseSettings(process.env, { cwd: process.cwd(), packageRoot });
  const tarantool = await findTarantool({
    wanted: settings.tarantool,
    searchPath: process.env['PATH'] ?? '',
    install: () => installTarantoolPackage(terminal, signal),
  });
  terminal.say(
    `Seed ${seed}, ${durationMs / 60_000} min of ${kinds.join(', ')}; Tarantool ${tarantool.version}`,
  );
  const directory = await makePlace(wanted.directory);
  let progress: Progress | null = null;
  const onProgress = (news: Progress) => {
    progress = news;
  };
  const running = runChaos({ seed, durationMs, kinds, tarantool, directory, signal, onProgress });
  running.catch(() => terminal.say(`The run did not come to its end; logs are in ${directory}`));
  const run = await terminal.during(() => describeProgress(progress), running);
  const verdict = judge(run);
  const figures = figuresOf(run, verdict, { seed, durationMs });
  terminal.say(renderReport(figures, verdict, terminal.paint));
  if (json !== null) await writeFile(json, `${JSON.stringify(figures, null, 2)}\n`);
  if (verdict.isGood && wanted.directory === null) await rm(directory, { recursive: true, force: true });
  else {
    await writeEvidence(directory, run, verdict);
    terminal.say(`The evidence is in ${directory}: history.jsonl, faults.jsonl, verdict.json, logs`);
  }
  terminal.say(renderVerdict(figures, verdict, terminal.paint));
  return verdict.isGood ? 0 : 1;
});

/** Rejects with OperatorError when the folder that was named has something in it already: nodes would go on with it. */
async function makePlace(wanted: string | null): Promise<string> {
  if (wanted === null) return mkdtemp(join(tmpdir(), 'chaos-'));
  const directory = resolve(wanted);
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length === 0) return directory;
  throw new OperatorError(`${directory} is not empty`, ['give --keep a new folder, or an empty one']);
}

async function writeEvidence(
  directory: string,
  { history, faults }: Awaited<ReturnType<typeof runChaos>>,
  verdict: ReturnType<typeof judge>,
): Promise<void> {
  const write = (name: string, lines: Iterable<string>) =>
    writeFile(join(directory, name), `${[...lines].join('\n')}\n`);
  await write('history.jsonl', history.toLines());
  await write(
    'faults.jsonl',
    faults.map((fault) => JSON.stringify(fault)),
  );
  await write('verdict.json', [JSON.stringify(verdict, null, 2)]);
}
