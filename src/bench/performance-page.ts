import type { Circumstances } from './circumstances.js';
import type { Figures } from './figures.js';
import { rivalName } from './contestants.js';
import { cellsOf, headingsFor } from './report.js';

/** Between these, docs/performance.md belongs to `npm run bench`. */
const begin = '<!-- npm run bench: begin -->';
const end = '<!-- npm run bench: end -->';

/**
 * The page with other figures.
 * @throws Error when it has no place for them
 */
export function replaceFigures(page: string, section: string): string {
  const [before, rest, ...others] = page.split(begin);
  const [replaced, after, ...more] = rest?.split(end) ?? [];
  if (
    before === undefined ||
    replaced === undefined ||
    after === undefined ||
    others.length + more.length > 0
  )
    throw new Error(`The page needs one line ${begin} and, behind it, one line ${end}`);
  return `${before}${begin}\n\n${section}\n\n${end}${after}`;
}

/** What stands between the marks: a table for each workload, and what they were measured on. As Prettier lays it out. */
export function renderSection(figures: readonly Figures[], circumstances: Circumstances): string {
  const workloads = [...new Set(figures.map(({ workload }) => workload))];
  const tables = workloads.map((workload) => {
    const rows = figures
      .filter((each) => each.workload === workload)
      .map((each) => [each.contestant, ...cellsOf(each)]);
    return renderTable([[workload, ...headingsFor(rivalName)], ...rows]);
  });
  return [renderCircumstances(circumstances), ...tables].join('\n\n');
}

function renderCircumstances({ date, machine, versions, ...run }: Circumstances): string {
  const { tarantool, rounds, measureMs, loadBefore } = run;
  const list = [['Tarantool', tarantool], ...versions]
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
  return [
    `- ${date.toISOString().slice(0, 10)}, on ${machine}; load average before the run: ${loadBefore.toFixed(1)}`,
    `- ${list}`,
    `- ${rounds} rounds of ${measureMs / 1_000} s`,
  ].join('\n');
}

/** The first column is text, the others are figures. */
function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  const line = (cells: readonly string[]) => `| ${cells.map(pad).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const [heading = [], ...body] = rows;
  return [line(heading), line(rule), ...body.map(line)].join('\n');
}
