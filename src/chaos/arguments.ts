import { readAmount, readOptions, readWholeNumber } from '../command-options.js';
import { ConfigError } from '../operator-error.js';
import { type FaultKind, faultKinds } from './schedule.js';

export interface ChaosArguments {
  readonly kind: 'run';
  readonly durationMs: number;
  readonly seed: number;
  readonly kinds: readonly [FaultKind, ...FaultKind[]];
  /** Where the figures go; null for nowhere. */
  readonly json: string | null;
  /** Where all that was seen is kept, good or bad; null for a temporary place, kept when something is bad. */
  readonly directory: string | null;
}

/** Long enough for every kind of fault to come several times. */
const defaultMinutes = 2;
const maxMinutes = 600;
const maxSeed = 2 ** 32 - 1;

export const usage = `Usage: npm run chaos -- [--minutes M] [--seed N] [--faults LIST] [--json FILE]
                            [--keep DIR]

Starts three nodes with a proxy on each link, a gateway and eleven clients, breaks what
the seed says, and checks what the clients were told against what the nodes have.

  --minutes M    for how long things are broken; fractions are fine (default ${defaultMinutes})
  --seed N       0 to ${maxSeed}: the same seed, minutes and faults make the
                 same schedule (default: a new one, which is printed)
  --faults LIST  kinds of fault, separated by commas (default all):
                   kill     SIGKILL, started again after 1 to 5 s
                   stop     SIGTERM, started again after 1 to 5 s
                   pause    SIGSTOP for 0.05 to 1.5 s
                   cut      nothing passes on a link
                   oneway   nothing passes in one direction
                   reset    the connection breaks after the commit, before the answer
                   delay    a link gets slow
                   killall  SIGKILL for all nodes at once
  --json FILE    writes the figures for machines
  --keep DIR     keeps data, logs and the history there, also when all is good; it must be
                 new or empty
  --help         this text

TARANTOOL names the binary. Ends with 0 when all is good, 1 when something is not, 2 when
the arguments cannot be used. Ctrl-C ends the faults early; the checks are made.`;

/**
 * What a command line asks for. `newSeed` is used when none is given.
 * @throws ConfigError with every problem in it
 */
export function parseArguments(
  args: readonly string[],
  newSeed: () => number,
): ChaosArguments | { readonly kind: 'help' } {
  const problems: string[] = [];
  const given = readOptions(args, { withValue: optionsWithValue }, problems);
  if (given.has('help')) return { kind: 'help' };
  const minutes = readAmount(given, 'minutes', { usual: defaultMinutes, upTo: maxMinutes }, problems);
  const seed = readWholeNumber(given, 'seed', { usual: newSeed(), from: 0, to: maxSeed }, problems);
  const kinds = readKinds(given.get('faults'), problems);
  const files = { json: given.get('json') ?? null, directory: given.get('keep') ?? null };
  const [first, ...others] = kinds;
  if (problems.length > 0 || first === undefined)
    throw new ConfigError('These arguments cannot be used (--help tells of all)', problems);
  return {
    kind: 'run',
    durationMs: minutes * 60_000,
    seed,
    kinds: [first, ...others],
    ...files,
  };
}

const optionsWithValue = ['minutes', 'seed', 'faults', 'json', 'keep'];

function readKinds(text: string | undefined, problems: string[]): readonly FaultKind[] {
  if (text === undefined || text === '' || text === 'all') return faultKinds;
  const names = text.split(',').map((name) => name.trim());
  const known = faultKinds.filter((kind) => names.includes(kind));
  for (const name of names) {
    if (!faultKinds.some((kind) => kind === name))
      problems.push(`--faults has ${JSON.stringify(name)}: give some of ${faultKinds.join(', ')}, or all`);
  }
  return known;
}
