import { copyFile, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../package-root.js';
import type { Terminal } from '../terminal.js';
import { Contestants, type Span, type Stage, gatewayName } from './contestants.js';
import { type ProfileSummary, summariseProfile } from './cpu-profile.js';
import { assertRight } from './rounds.js';
import type { Workload } from './workloads.js';

/** The compilers of hot code have come to rest by then: they are not what is looked for. */
const warmUpAnswers = 10_000;

export interface GatewayProfile {
  readonly summary: ProfileSummary;
  readonly perSecond: number;
  /** For Chrome's DevTools, or another program that reads profiles. */
  readonly path: string;
}

/** Runs this gateway under Node's profiler, and tells what it did under one load. Rejects with WrongAnswerError. */
export async function profileGateway(
  workload: Workload,
  { terminal, measureMs, ...stage }: Stage & { readonly terminal: Terminal; readonly measureMs: number },
): Promise<GatewayProfile> {
  const { directory } = stage;
  // Each module is a file of its own in it, by which a profile tells whose code it is.
  const notBundled = { script: 'main.js', flags: ['--cpu-prof', `--cpu-prof-dir=${directory}`] };
  const start = Contestants.startGateway(stage, notBundled);
  const contestants = await terminal.during('Starting this gateway', start);
  try {
    const [gateway] = contestants.all;
    if (gateway === undefined) throw new Error('The gateway does not run');
    const drive = async (span: Span) =>
      assertRight(await gateway.drive(workload, span), { contestant: gatewayName, workload });
    await terminal.during('Warming up', drive({ durationMs: measureMs, maxAnswers: warmUpAnswers }));
    const from = monotonicMicros();
    const report = await terminal.during(
      `Profiling under ${workload.name}`,
      drive({ durationMs: measureMs, maxAnswers: Infinity }),
    );
    const to = monotonicMicros();
    // It writes the profile when it ends.
    await terminal.during('Stopping this gateway', contestants.stop());
    const [name = ''] = (await readdir(directory)).filter((file) => file.endsWith('.cpuprofile'));
    const path = join(tmpdir(), `this-gateway-${workload.name.replaceAll(/\W+/g, '-')}.cpuprofile`);
    await copyFile(join(directory, name), path);
    const summary = summariseProfile(await readFile(path, 'utf8'), { from, to }, packageRoot);
    return { summary, perSecond: (report.latenciesMs.length / report.elapsedMs) * 1_000, path };
  } finally {
    await contestants.stop();
  }
}

/** The clock of profiles, the same for all processes. */
const monotonicMicros = (): number => Number(process.hrtime.bigint() / 1_000n);
