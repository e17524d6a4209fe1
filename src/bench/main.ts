import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installTarantoolPackage } from '../local/debian-package.js';
import { findTarantool } from '../local/tarantool-binary.js';
import { ConfigError } from '../operator-error.js';
import { packageRoot } from '../package-root.js';
import { ReleaseStack } from '../release-stack.js';
import { runCommand } from '../run-command.js';
import { type Terminal, openTerminal } from '../terminal.js';
import { type BenchArguments, parseArguments, usage } from './arguments.js';
import { BenchCluster } from './bench-cluster.js';
import { type Circumstances, readCircumstances } from './circumstances.js';
import { Contestants, connections, gatewayName, rivalName } from './contestants.js';
import { type Figures, type Measurement, summarise } from './figures.js';
import { renderSection, replaceFigures } from './performance-page.js';
import { renderFigures, renderVerdict } from './report.js';
import { WrongAnswerError, runRounds } from './rounds.js';
import { workloads } from './workloads.js';

/** What a shell says of a command that Ctrl-C has ended. */
const interrupted = 130;
/** So that code that is hot is compiled, but a short run stays short. */
const warmUpMs = { least: 400, most: 1_000 };

/** `npm run bench` */
await runCommand(async ({ signal }) => {
  const terminal = openTerminal(process.stdout, process.env);
  const wanted = readArguments();
  if (wanted === null) return 2;
  if (wanted.kind === 'help') {
    terminal.say(usage);
    return 0;
  }
  const directory = await mkdtemp(join(tmpdir(), 'bench-'));
  const releases = new ReleaseStack();
  releases.push(() => rm(directory, { recursive: true, force: true }));
  try {
    const { measurements, circumstances } = await compare(wanted, { terminal, signal, releases, directory });
    await terminal.during('Stopping', releases.releaseAll());
    const figures = summarise(measurements, rivalName);
    terminal.say(`${renderFigures(figures, { highlighted: gatewayName, paint: terminal.paint })}\n`);
    if (wanted.isRecorded) {
      await record(figures, circumstances);
      terminal.say(`Written to ${page}`);
    }
    const answers = measurements.reduce((sum, measurement) => sum + measurement.answers, 0);
    terminal.say(renderVerdict(figures, { contestant: gatewayName, rival: rivalName, answers }));
    return 0;
  } catch (error) {
    await terminal.during('Stopping', releases.releaseAll());
    if (signal.aborted) {
      terminal.say('Interrupted: there are no figures');
      return interrupted;
    }
    if (!(error instanceof WrongAnswerError)) throw error;
    terminal.say(terminal.paint('red', `Not measured: ${error.message}`));
    return 1;
  } finally {
    await releases.releaseAll();
  }
});

interface Means {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly releases: ReleaseStack;
  readonly directory: string;
}

async function compare(
  { rounds, measureMs }: BenchArguments,
  { terminal, signal, releases, directory }: Means,
): Promise<{ readonly measurements: readonly Measurement[]; readonly circumstances: Circumstances }> {
  const tarantool = await findTarantool({
    wanted: process.env['TARANTOOL'] ?? null,
    searchPath: process.env['PATH'] ?? '',
    install: () => installTarantoolPackage(terminal, signal),
  });
  const circumstances = await readCircumstances({ rounds, measureMs, tarantool: tarantool.version });
  const cluster = await terminal.during(
    `Starting three nodes of Tarantool ${tarantool.version}`,
    BenchCluster.start(tarantool, join(directory, 'cluster')),
  );
  releases.push(() => cluster.stop());
  signal.throwIfAborted();
  const contestants = await terminal.during('Starting the servers', Contestants.start(cluster, directory));
  releases.push(() => contestants.stop());
  terminal.say(
    `${contestants.all.length} contestants ask ${cluster.leader}, the leader of three nodes of Tarantool ${tarantool.version}; ${connections} connections to each`,
  );
  await terminal.during('Counting the calls of idle servers', cluster.learnIdleCalls());
  let progress = '';
  const measuring = runRounds({
    rounds,
    measureMs,
    warmUpMs: Math.min(Math.max(measureMs, warmUpMs.least), warmUpMs.most),
    workloads,
    cluster,
    contestants: contestants.all,
    signal,
    onStep: ({ what, leftMs }) => {
      progress = `${what}; ${Math.ceil(leftMs / 1_000)} s left`;
    },
  });
  return { measurements: await terminal.during(() => progress, measuring), circumstances };
}

const page = 'docs/performance.md';

async function record(figures: readonly Figures[], circumstances: Circumstances): Promise<void> {
  const path = join(packageRoot, page);
  await writeFile(path, replaceFigures(await readFile(path, 'utf8'), renderSection(figures, circumstances)));
}

/** Null when they cannot be used: it has been said why. */
function readArguments(): ReturnType<typeof parseArguments> | null {
  try {
    return parseArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return null;
  }
}
