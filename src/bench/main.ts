import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installTarantoolPackage } from '../local/debian-package.js';
import { findTarantool } from '../local/tarantool-binary.js';
import { packageRoot } from '../package-root.js';
import { ReleaseStack } from '../release-stack.js';
import { readOrTell, runCommand } from '../run-command.js';
import { type Terminal, openTerminal } from '../terminal.js';
import { type BenchArguments, parseArguments, usage } from './arguments.js';
import { BenchCluster } from './bench-cluster.js';
import { readCircumstances } from './circumstances.js';
import { compare } from './compare.js';
import { Contestants, type Stage, gatewayName, rivalName, workersName } from './contestants.js';
import { measureFanOut } from './fan-out.js';
import { type Measurement, summarise } from './figures.js';
import { growthOf, maxGrowth, watchHeap } from './leak.js';
import { renderSection, replaceFigures } from './performance-page.js';
import { profileGateway } from './profile-gateway.js';
import { renderFanOut, renderFigures, renderHeap, renderProfile, renderVerdict } from './report.js';
import { WrongAnswerError } from './rounds.js';

/** What a shell says of a command that Ctrl-C has ended. */
const interrupted = 130;
const page = 'docs/performance.md';

/** `npm run bench` */
await runCommand(async ({ signal }) => {
  const terminal = openTerminal(process.stdout, process.env);
  const wanted = await readOrTell(() => parseArguments(process.argv.slice(2)));
  if (wanted === null) return 2;
  if (wanted.kind === 'help') {
    terminal.say(usage);
    return 0;
  }
  const directory = await mkdtemp(join(tmpdir(), 'bench-'));
  const releases = new ReleaseStack();
  releases.push(() => rm(directory, { recursive: true, force: true }));
  const means: Means = { terminal, signal, releases, directory };
  try {
    await tell(wanted, means);
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

function tell(wanted: Exclude<BenchArguments, { kind: 'help' }>, means: Means): Promise<void> {
  switch (wanted.kind) {
    case 'profile':
      return tellProfile(wanted, means);
    case 'leak':
      return tellLeak(wanted, means);
    case 'fan-out':
      return tellFanOut(wanted, means);
    case 'compare':
      return tellComparison(wanted, means);
    case 'workers':
      return tellWorkers(wanted, means);
    default:
      return wanted satisfies never;
  }
}

async function tellComparison(
  plan: Extract<BenchArguments, { kind: 'compare' }>,
  means: Means,
): Promise<void> {
  const { terminal, signal, releases } = means;
  const before = readCircumstances(plan);
  const stage = await openStage(means);
  const contestants = await terminal.during('Starting the servers', Contestants.start(stage));
  releases.push(() => contestants.stop());
  const measurements = await compare({ terminal, signal, contestants, ...stage, ...plan });
  await terminal.during('Stopping', releases.releaseAll());
  const figures = summarise(measurements, rivalName);
  terminal.say(
    `${renderFigures(figures, { highlighted: gatewayName, rival: rivalName, paint: terminal.paint })}\n`,
  );
  if (plan.isRecorded) {
    const path = join(packageRoot, page);
    const section = renderSection(figures, { ...(await before), tarantool: stage.cluster.version });
    await writeFile(path, replaceFigures(await readFile(path, 'utf8'), section));
    terminal.say(`Written to ${page}`);
  }
  const answers = countAnswers(measurements);
  terminal.say(renderVerdict(figures, { contestant: gatewayName, rival: rivalName, answers }));
}

async function tellWorkers(
  { workers, ...plan }: Extract<BenchArguments, { kind: 'workers' }>,
  means: Means,
): Promise<void> {
  const { terminal, signal, releases } = means;
  const stage = await openStage(means);
  const start = Contestants.startWorkers(workers, stage);
  const contestants = await terminal.during('Starting this gateway twice', start);
  releases.push(() => contestants.stop());
  const measurements = await compare({ terminal, signal, contestants, ...stage, ...plan });
  await terminal.during('Stopping', releases.releaseAll());
  const [contestant, rival] = [workersName(workers), gatewayName];
  const figures = summarise(measurements, rival);
  terminal.say(`${renderFigures(figures, { highlighted: contestant, rival, paint: terminal.paint })}\n`);
  terminal.say(renderVerdict(figures, { contestant, rival, answers: countAnswers(measurements) }));
}

function countAnswers(measurements: readonly Measurement[]): number {
  return measurements.reduce((sum, { answers }) => sum + answers, 0);
}

async function tellProfile(
  { workload, measureMs }: Extract<BenchArguments, { kind: 'profile' }>,
  means: Means,
): Promise<void> {
  const { terminal, releases } = means;
  const stage = await openStage(means);
  const { summary, perSecond, path } = await profileGateway(workload, { terminal, measureMs, ...stage });
  await terminal.during('Stopping', releases.releaseAll());
  terminal.say(renderProfile(summary, terminal.paint));
  terminal.say(
    `This gateway under ${workload.name}: ${Math.round(perSecond)} requests/s, profiler included. All of it is in ${path}`,
  );
}

async function tellFanOut(plan: Extract<BenchArguments, { kind: 'fan-out' }>, means: Means): Promise<void> {
  const { terminal, signal, releases } = means;
  const stage = await openStage(means);
  const figures = await measureFanOut({ terminal, signal, ...stage, ...plan });
  await terminal.during('Stopping', releases.releaseAll());
  terminal.say(renderFanOut(figures));
}

async function tellLeak({ minutes }: Extract<BenchArguments, { kind: 'leak' }>, means: Means): Promise<void> {
  const { terminal, signal, releases } = means;
  const stage = await openStage(means);
  const figures = await watchHeap({ terminal, signal, ...stage, durationMs: minutes * 60_000 });
  await terminal.during('Stopping', releases.releaseAll());
  terminal.say(renderHeap(figures));
  if (growthOf(figures) > maxGrowth) throw new WrongAnswerError('the heap of this gateway grows');
}

async function openStage({ terminal, signal, releases, directory }: Means): Promise<Stage> {
  const tarantool = await findTarantool({
    wanted: process.env['TARANTOOL'] ?? null,
    searchPath: process.env['PATH'] ?? '',
    install: () => installTarantoolPackage(terminal, signal),
  });
  const cluster = await terminal.during(
    `Starting three nodes of Tarantool ${tarantool.version}`,
    BenchCluster.start(tarantool, directory),
  );
  releases.push(() => cluster.stop());
  signal.throwIfAborted();
  return { cluster, directory };
}
