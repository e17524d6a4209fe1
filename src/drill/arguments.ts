import { readAmount, readOptions, readWholeNumber } from '../command-options.js';
import { ConfigError } from '../operator-error.js';

/** What may happen to the leader. SIGSTOP freezes it, and it is thawed again; the others end it. */
export const strikes = ['SIGKILL', 'SIGTERM', 'SIGSTOP'] as const;
export type Strike = (typeof strikes)[number];

export interface DrillArguments {
  readonly kind: 'run';
  readonly kills: number;
  readonly strike: Strike;
  /** For how long to write before a kill, and after it. */
  readonly writingMs: number;
  /** Where the figures go; null for nowhere. */
  readonly json: string | null;
}

const maxKills = 1_000;
/** Some hundred writes on either side of the kill: enough to see that they flow. */
const defaultSeconds = 1;
const maxSeconds = 60;

export const usage = `Usage: npm run drill -- [--kills N] [--signal NAME] [--seconds S] [--json FILE]

Kills the leader while clients write and read through a gateway, shows what they notice,
and holds what they were told against what every node has.

If the nodes of CLUSTER_CONFIG run on this machine, such as those of npm start, it is their
leader that is killed; it is started again, and nothing is left in the data. If none of them
answers, the drill starts three nodes of its own and removes them afterwards.

  --kills N      leaders to kill, one after another, up to ${maxKills} (default 1)
  --signal NAME  SIGKILL (default), SIGTERM, or SIGSTOP, which freezes the leader until
                 another leads and then thaws it
  --seconds S    for how long to write before each kill and after it, up to ${maxSeconds}
                 (default ${defaultSeconds})
  --json FILE    writes the figures for machines
  --help         this text

TARANTOOL names the binary for nodes of its own. Ends with 0 when nothing was lost, doubled
or refused, 1 when something was or the drill could not be made, 2 when the arguments cannot
be used, 130 after Ctrl-C, which puts back what was broken.`;

/**
 * What a command line asks for.
 * @throws ConfigError with every problem in it
 */
export function parseArguments(args: readonly string[]): DrillArguments | { readonly kind: 'help' } {
  const problems: string[] = [];
  const withValue = ['kills', 'signal', 'seconds', 'json'];
  const given = readOptions(args, { withValue }, problems);
  if (given.has('help')) return { kind: 'help' };
  const kills = readWholeNumber(given, 'kills', { usual: 1, from: 1, to: maxKills }, problems);
  const strike = readStrike(given.get('signal'), problems);
  const seconds = readAmount(given, 'seconds', { usual: defaultSeconds, upTo: maxSeconds }, problems);
  if (problems.length > 0)
    throw new ConfigError('These arguments cannot be used (--help tells of all)', problems);
  return { kind: 'run', kills, strike, writingMs: seconds * 1_000, json: given.get('json') ?? null };
}

// An option without a value has been noted already: it is then read as if it were not there.

function readStrike(text = '', problems: string[]): Strike {
  if (text === '') return 'SIGKILL';
  const name = text.toUpperCase().replace(/^(?:SIG)?/, 'SIG');
  const strike = strikes.find((known) => known === name);
  if (strike === undefined)
    problems.push(`--signal is ${JSON.stringify(text)}: give one of ${strikes.join(', ')}`);
  return strike ?? 'SIGKILL';
}
