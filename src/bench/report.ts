import type { Paint } from '../terminal.js';
import type { ProfileSummary, Share } from './cpu-profile.js';
import type { FanOutFigures } from './fan-out.js';
import type { Figures, Spread } from './figures.js';
import { type HeapFigures, growthOf } from './leak.js';

/** Of the columns behind the first. */
export const headingsFor = (rival: string): readonly string[] => [
  'requests/s',
  'lowest to highest',
  `of ${rival}`,
  'p50 ms',
  'p99 ms',
  'CPU µs',
  'memory MB',
  'calls',
];

/** The cells of one line, below the headings. */
export function cellsOf({
  perSecond,
  ratio,
  p50Ms,
  p99Ms,
  cpuMicros,
  residentBytes,
  calls,
}: Figures): readonly string[] {
  return [
    count(perSecond.median),
    `${count(perSecond.low)} to ${count(perSecond.high)}`,
    `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})`,
    p50Ms.toFixed(1),
    p99Ms.toFixed(1),
    cpuMicros.toFixed(0),
    (residentBytes / 2 ** 20).toFixed(0),
    calls.toFixed(2),
  ];
}

/** All figures, a block for each workload; the line of the gateway stands out. */
export function renderFigures(
  figures: readonly Figures[],
  {
    highlighted,
    rival,
    paint,
  }: { readonly highlighted: string; readonly rival: string; readonly paint: Paint },
): string {
  const headings = headingsFor(rival);
  const rows = figures.map((each) => [each.contestant, ...cellsOf(each)]);
  const widths = ['', ...headings].map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const layOut = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  const lines: string[] = [];
  let workload: string | null = null;
  for (const [index, each] of figures.entries()) {
    if (each.workload !== workload)
      lines.push('', paint('bold', each.workload), paint('dim', layOut(['', ...headings])));
    workload = each.workload;
    const line = layOut(rows[index] ?? []);
    lines.push(each.contestant === highlighted ? paint('bold', line) : line);
  }
  return lines.join('\n');
}

/** The last line: how one contestant did against another, under each workload. */
export function renderVerdict(
  figures: readonly Figures[],
  {
    contestant,
    rival,
    answers,
  }: { readonly contestant: string; readonly rival: string; readonly answers: number },
): string {
  const ratios = figures
    .filter((each) => each.contestant === contestant)
    .map(({ workload, ratio }) => `${workload} ${ratio.median.toFixed(2)}`);
  return `Of ${rival}'s speed ${contestant} has: ${ratios.join(', ')}. ${count(answers)} answers, all of them right`;
}

/** What many listeners cost: one line each, for people. */
export function renderFanOut(figures: FanOutFigures): string {
  const { subscribers, bytesPerSubscriber, idleWithout, idleWith } = figures;
  return [
    '',
    `${count(subscribers)} subscribers, half of them over WebSockets, half over event streams`,
    `  from an election to the last of them: ${spread(figures.lastMs)}; to the one in the middle: ${spread(figures.middleMs)}`,
    `  processor time of the gateway for it: ${spread(figures.cpuMs)}`,
    `  longest that a query had to wait meanwhile: ${spread(figures.queryMs)}`,
    `  memory for each: ${(bytesPerSubscriber / 1_024).toFixed(1)} kB`,
    `  share of a core while nothing happens: ${percent(idleWith)}; without subscribers ${percent(idleWithout)}`,
  ].join('\n');
}

/** What became of the heap, and for how long the event loop was held up. */
export function renderHeap(figures: HeapFigures): string {
  return [
    '',
    `${count(figures.answers)} answers, all of them right`,
    `  least of the heap in each tenth of the time: ${figures.leastHeapBytes.map(megabytes).join(', ')} MB`,
    `  from the second tenth on it changed by ${percent(growthOf(figures))}`,
    `  delay of the event loop, p99 of each second: ${spread(figures.loopDelayMs)}`,
  ].join('\n');
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

const spread = ({ low, median, high }: Spread): string =>
  `${median.toFixed(0)} ms (${low.toFixed(0)} to ${high.toFixed(0)})`;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const shown = { packages: 12, functions: 25 };

/** Where the time of a process goes: whose code it was in, and which functions. */
export function renderProfile({ busy, packages, functions }: ProfileSummary, paint: Paint): string {
  return [
    '',
    `Busy ${(busy * 100).toFixed(0)} % of the time. Of that, without what is called from there:`,
    '',
    paint('dim', '  share  in the code of'),
    ...packages.slice(0, shown.packages).map(renderShare),
    '',
    paint('dim', '  share  in the function'),
    ...functions.slice(0, shown.functions).map(renderShare),
    '',
  ].join('\n');
}

const renderShare = ({ what, share }: Share): string => `${(share * 100).toFixed(1).padStart(5)} %  ${what}`;

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
