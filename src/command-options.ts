import { parseArgs } from 'node:util';

/**
 * The options of a command line by name: `--seed 7`, `--seed=7`, and `--help`, whose value
 * is empty. Every mistake is noted in `problems`, where parseArgs by itself would stop at the first.
 */
export function readOptions(
  args: readonly string[],
  { withValue }: { readonly withValue: readonly string[] },
  problems: string[],
): ReadonlyMap<string, string> {
  const options = Object.fromEntries(withValue.map((name) => [name, { type: 'string' as const }]));
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: 'boolean' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(`${JSON.stringify(token.value)} belongs to no option`);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (name !== 'help' && !withValue.includes(name)) problems.push(`${rawName} is no option`);
    else if (given.has(name)) problems.push(`${rawName} is given twice`);
    else if (name !== 'help' && (value === undefined || value === ''))
      problems.push(`${rawName} needs a value`);
    given.set(name, value ?? '');
  }
  return given;
}

/**
 * The value of an option that is a whole number within bounds; `usual` when it is not given, or without a value, which has
 * been noted already. A mistake is noted in `problems`.
 */
export function readWholeNumber(
  given: ReadonlyMap<string, string>,
  name: string,
  { usual, from, to }: { readonly usual: number; readonly from: number; readonly to: number },
  problems: string[],
): number {
  const text = given.get(name) ?? '';
  if (text === '') return usual;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= from && value <= to))
    problems.push(`--${name} is ${JSON.stringify(text)}: give a whole number from ${from} to ${to}`);
  return value;
}

/** The same of a number above 0, which may have a fraction. */
export function readAmount(
  given: ReadonlyMap<string, string>,
  name: string,
  { usual, upTo }: { readonly usual: number; readonly upTo: number },
  problems: string[],
): number {
  const text = given.get(name) ?? '';
  if (text === '') return usual;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0 && value <= upTo))
    problems.push(`--${name} is ${JSON.stringify(text)}: give a number above 0, up to ${upTo}`);
  return value;
}
