/**
 * Something that only the person at the keyboard can mend. Printed as it is, without a stack, before a non-zero exit:
 * what is wrong and what to do about it, all of it at once.
 */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
  readonly problems: readonly string[];

  /** One problem is joined to the title, several are listed below it. */
  constructor(title: string, problems: readonly string[], options: { cause?: unknown } = {}) {
    super(layOut(title, problems), options);
    this.problems = problems;
  }
}

/** Settings or a cluster configuration with which nothing can start. */
export class ConfigError extends OperatorError {
  override readonly name = 'ConfigError';
}

function layOut(title: string, problems: readonly string[]): string {
  const [first, ...others] = problems;
  if (first === undefined) return title;
  if (others.length === 0) return `${title}: ${first}`;
  return [`${title}:`, ...problems.map((problem) => `  - ${problem}`)].join('\n');
}
