import { type Paint, alignColumns } from '../terminal.js';
import type { Figures } from './figures.js';
import type { Verdict } from './verdict.js';

/** Problems shown per check; the evidence has all. */
const shown = 5;

/** Lays out a run for a reader: what was broken and for how long clients waited, what they heard, and what was checked. */
export function renderReport(figures: Figures, verdict: Verdict, paint: Paint): string {
  return [
    ...table(paint, [
      ['fault', 'times', 'pause p50', 'p99', 'worst', 'after mending'],
      ...figures.faults.map(({ fault, count, worstMendingMs, ...pauses }) => [
        fault,
        String(count),
        ...inMs(pauses),
        `${worstMendingMs} ms`,
      ]),
      ['none, just before each', '', ...inMs(figures.calm), ''],
    ]),
    '',
    ...table(paint, [
      ['answer', 'requests'],
      ...Object.entries(figures.answers).map(([code, count]) => [code, String(count)]),
    ]),
    '',
    ...renderChecks(verdict, paint),
  ].join('\n');
}

/** The last line. */
export function renderVerdict(figures: Figures, verdict: Verdict, paint: Paint): string {
  const { adds } = verdict;
  const faults = figures.faults.reduce((sum, { count }) => sum + count, 0);
  const summary =
    `${faults} faults, ${figures.acknowledgedWrites} writes acknowledged: ` +
    `${adds.lost.length} lost, ${adds.doubled.length} doubled, ${adds.misreported.length} misreported`;
  const bad = verdict.checks.filter(({ problems }) => problems.length > 0).map(({ name }) => name);
  return verdict.isGood
    ? paint('green', `Good: ${summary}`)
    : paint('red', `Bad (${bad.join(', ')}): ${summary}`);
}

const inMs = ({ p50Ms, p99Ms, worstMs }: Figures['calm']): string[] =>
  [p50Ms, p99Ms, worstMs].map((ms) => `${ms} ms`);

function renderChecks({ checks }: Verdict, paint: Paint): string[] {
  const lines = table(paint, [
    ['check', '', 'of'],
    ...checks.map(({ name, basis, problems }) => [
      name,
      problems.length === 0 ? 'good' : `${problems.length} bad`,
      basis,
    ]),
  ]);
  return [
    ...lines.map((line, index) =>
      checks[index - 1]?.problems.length === 0 || index === 0 ? line : paint('red', line),
    ),
    ...checks.flatMap(({ name, problems }) =>
      problems.slice(0, shown).map((problem) => paint('red', `  ${name}: ${problem}`)),
    ),
  ];
}

function table(paint: Paint, rows: readonly (readonly string[])[]): string[] {
  const [header = '', ...lines] = alignColumns(rows);
  return [paint('dim', header), ...lines];
}
