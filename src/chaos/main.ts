import { randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installTarantoolPackage } from '../local/debian-package.js';
import { findTarantool } from '../local/tarantool-binary.js';
import { ConfigError } from '../operator-error.js';
import { packageRoot } from '../package-root.js';
import { runCommand } from '../run-command.js';
import { parseSettings } from '../settings.js';
import { openTerminal } from '../terminal.js';
import { type ChaosArguments, parseArguments, usage } from './arguments.js';
import { figuresOf } from './figures.js';
import { describeProgress } from './progress.js';
import { renderReport, renderVerdict } from './report.js';
import { type Progress, runChaos } from './run-chaos.js';
import { judge } from './verdict.js';

/** `npm run chaos` */
await runCommand(async ({ signal }) => {
  const terminal = openTerminal(process.stdout, process.env);
  const wanted = readArguments();
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
  const directory = await mkdtemp(join(tmpdir(), 'chaos-'));
  let progress: Progress | null = null;
  const onProgress = (news: Progress) => {
    progress = news;
  };
  const run = await terminal.during(
    () => describeProgress(progress),
    runChaos({ seed, durationMs, kinds, tarantool, directory, signal, onProgress }),
  );
  const verdict = judge(run);
  const figures = figuresOf(run, verdict, { seed, durationMs });
  terminal.say(renderReport(figures, verdict, terminal.paint));
  if (json !== null) await writeFile(json, `${JSON.stringify(figures, null, 2)}\n`);
  if (verdict.isGood) await rm(directory, { recursive: true, force: true });
  else {
    await writeEvidence(directory, run, verdict);
    terminal.say(`The evidence is in ${directory}: history.jsonl, faults.jsonl, verdict.json, logs`);
  }
  terminal.say(renderVerdict(figures, verdict, terminal.paint));
  return verdict.isGood ? 0 : 1;
});

/** Null when they cannot be used: it has been said why. */
function readArguments(): ChaosArguments | { readonly kind: 'help' } | null {
  try {
    return parseArguments(process.argv.slice(2), () => randomInt(2 ** 32));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return null;
  }
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
