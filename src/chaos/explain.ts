import type { RegisterOperation, RegisterVerdict } from './linearizability.js';

/** How many operations before the culprit are shown: those that it must be held against. */
const shown = 8;

/** A violation in a few lines: what was known before, the operations around it, and the answer that does not fit. */
export function describeViolation(
  name: string,
  operations: readonly RegisterOperation[],
  { culprit, state }: Extract<RegisterVerdict, { kind: 'violated' }>,
): string {
  const end = culprit.completedAt ?? 0;
  const around = operations
    .filter(
      (operation) =>
        operation !== culprit && operation.invokedAt <= end && operation.outcome.kind !== 'failed',
    )
    .toSorted((a, b) => (a.completedAt ?? Infinity) - (b.completedAt ?? Infinity));
  const pending = around.filter(({ outcome }) => outcome.kind === 'unknown').slice(-shown);
  const before = around.filter(({ outcome }) => outcome.kind !== 'unknown').slice(-shown);
  return [
    `${name}: no order explains the last of these; before it, the value could be ${state}`,
    ...[...pending, ...before, culprit].map((operation) => `    ${describeOperation(operation)}`),
  ].join('\n');
}

function describeOperation({ client, action, invokedAt, completedAt, outcome }: RegisterOperation): string {
  const when = `${invokedAt.toFixed(1)} to ${completedAt === null ? '?' : completedAt.toFixed(1)} ms`;
  const what =
    action.kind === 'read'
      ? 'read'
      : action.kind === 'write'
        ? `write ${action.value}`
        : `set ${action.value} if it is ${action.expected}`;
  const result = outcome.kind === 'ok' ? `ok ${action.kind === 'read' ? outcome.value : ''}` : outcome.code;
  return `${when}  ${client}  ${what}: ${result.trimEnd()}`;
}
