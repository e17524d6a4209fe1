import { type Paint, alignColumns } from '../terminal.js';
import { type Finding, type ItemFinding, count } from './finding.js';

const styles = { ok: 'green', warning: 'yellow', problem: 'red', note: 'dim' } as const;

const note = {
  level: 'note',
  item: 'operator',
  text: 'encryption in front of the gateway, and the network between it and the nodes, are left to you: docs/security.md',
  mend: null,
} as const;

/** A line for each finding, and what nothing here can tell. */
export function renderFindings(findings: readonly ItemFinding[], paint: Paint): string {
  const rows = [...findings, note];
  const lines = alignColumns(
    rows.map(({ level, item, text, mend }) => [level, item, mend === null ? text : `${text}: ${mend}`]),
  );
  return rows
    .map(({ level }, index) => paint(styles[level], level) + (lines[index] ?? '').slice(level.length))
    .join('\n');
}

/** The last line: whether it may stay so. */
export function renderVerdict(findings: readonly Finding[], paint: Paint): string {
  const problems = count(findings, 'problem');
  const warnings = count(findings, 'warning');
  const told = `${numbered(problems, 'problem')}, ${numbered(warnings, 'warning')}`;
  if (problems > 0) return paint('red', `Not as it should be: ${told}`);
  return paint(warnings > 0 ? 'yellow' : 'green', `As it should be: ${told}`);
}

/** The same for machines. */
export function describeFindings(findings: readonly ItemFinding[]) {
  return {
    well: count(findings, 'problem') === 0,
    problems: count(findings, 'problem'),
    warnings: count(findings, 'warning'),
    findings: findings.map(({ item, level, text, mend }) => ({ item, level, text, mend })),
  };
}

const numbered = (amount: number, word: string): string =>
  `${amount || 'no'} ${word}${amount === 1 ? '' : 's'}`;
