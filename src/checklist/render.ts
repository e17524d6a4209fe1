import { type Paint, alignColumns } from '../terminal.js';
import type { Facts } from './facts.js';
import { type Finding, items } from './items.js';

/** What the checklist says, by item. */
export type Findings = Readonly<Record<string, Finding>>;

export const lookAt = (facts: Facts): Findings =>
  Object.fromEntries(Object.entries(items).map(([id, { look }]) => [id, look(facts)]));

export const count = (findings: Findings, level: Finding['level']): number =>
  Object.values(findings).filter((finding) => finding.level === level).length;

const styles = { ok: 'green', warning: 'yellow', problem: 'red', note: 'dim' } as const;

const note =
  'encryption in front of the gateway, and the network between it and the nodes, are left to you: docs/security.md';

/** A line for each item, and what no setting can tell. */
export function renderFindings(findings: Findings, paint: Paint): string {
  const rows = [
    ...Object.entries(findings).map(([id, { level, text }]) => ({ level, cells: [level, id, text] })),
    { level: 'note' as const, cells: ['note', 'operator', note] },
  ];
  const lines = alignColumns(rows.map(({ cells }) => cells));
  return rows
    .map(({ level }, index) => paint(styles[level], level) + (lines[index] ?? '').slice(level.length))
    .join('\n');
}

/** The last line: whether this gateway should be started so. */
export function renderVerdict(findings: Findings, paint: Paint): string {
  const problems = count(findings, 'problem');
  const warnings = count(findings, 'warning');
  const told = `${numbered(problems, 'problem')}, ${numbered(warnings, 'warning')}`;
  if (problems > 0) return paint('red', `Not safe: ${told}`);
  return paint(warnings > 0 ? 'yellow' : 'green', `Safe as far as settings tell: ${told}`);
}

const numbered = (amount: number, word: string): string =>
  `${amount || 'no'} ${word}${amount === 1 ? '' : 's'}`;
