import { readOptions } from '../command-options.js';
import { ConfigError } from '../operator-error.js';

export interface BenchArguments {
  readonly kind: 'run';
  readonly rounds: number;
  readonly measureMs: number;
  /** Whether docs/performance.md gets the figures. */
  readonly isRecorded: boolean;
}

/** Many short rounds: what disturbs one contestant disturbs its neighbours, and no disturbance spoils the median. */
const full = { rounds: 15, seconds: 1 };
const quick = { rounds: 3, seconds: 0.25 };
const maxRounds = 100;
const maxSeconds = 60;

export const usage = `Usage: npm run bench -- [--quick] [--rounds N] [--seconds S]

Compares this gateway with other servers, side by side against one cluster: three nodes of its
own, with 10,000 employees. Every answer is checked. Writes the figures into docs/performance.md.

  --quick        ${quick.rounds} rounds of ${quick.seconds} s, in under a minute; nothing is written
  --rounds N     rounds, up to ${maxRounds} (default ${full.rounds}); in each, every server runs once under each load
  --seconds S    for how long each runs, up to ${maxSeconds} (default ${full.seconds}); with this or --rounds nothing is written
  --help         this text

TARANTOOL names the binary for the nodes. Ends with 0 when every answer was right, 1 when one
was not or the comparison could not be made, 2 when the arguments cannot be used, 130 after Ctrl-C.`;

/**
 * What a command line asks for.
 * @throws ConfigError with every problem in it
 */
export function parseArguments(args: readonly string[]): BenchArguments | { readonly kind: 'help' } {
  const problems: string[] = [];
  const isQuick = args.includes('--quick');
  const rest = args.filter((arg) => arg !== '--quick');
  const given = readOptions(rest, { withValue: ['rounds', 'seconds'] }, problems);
  if (given.has('help')) return { kind: 'help' };
  const defaults = isQuick ? quick : full;
  const rounds = readRounds(given.get('rounds'), defaults.rounds, problems);
  const seconds = readSeconds(given.get('seconds'), defaults.seconds, problems);
  if (problems.length > 0)
    throw new ConfigError('These arguments cannot be used (--help tells of all)', problems);
  const isRecorded = !isQuick && !given.has('rounds') && !given.has('seconds');
  return { kind: 'run', rounds, measureMs: seconds * 1_000, isRecorded };
}

// An option without a value has been noted already: it is then read as if it were not there.

function readRounds(text = '', usual: number, problems: string[]): number {
  if (text === '') return usual;
  const rounds = /^\d+$/.test(text) ? Number(text) : 0;
  if (rounds < 1 || rounds > maxRounds)
    problems.push(`--rounds is ${JSON.stringify(text)}: give a whole number from 1 to ${maxRounds}`);
  return rounds;
}

function readSeconds(text = '', usual: number, problems: string[]): number {
  if (text === '') return usual;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds <= 0 || seconds > maxSeconds)
    problems.push(`--seconds is ${JSON.stringify(text)}: give a number above 0, up to ${maxSeconds}`);
  return seconds;
}
