import { readAmount, readOptions, readWholeNumber } from '../command-options.js';
import { ConfigError } from '../operator-error.js';
import { type Workload, workloads } from './workloads.js';

const flags: ReadonlySet<string> = new Set(['--quick', '--fan-out', '--leak']);

/** What a command line asks for. */
export type BenchArguments =
  | {
      readonly kind: 'compare';
      readonly rounds: number;
      readonly measureMs: number;
      readonly warmUpMs: number;
      /** Whether docs/performance.md gets the figures. */
      readonly isRecorded: boolean;
    }
  | {
      readonly kind: 'workers';
      readonly workers: number;
      readonly rounds: number;
      readonly measureMs: number;
      readonly warmUpMs: number;
    }
  | { readonly kind: 'profile'; readonly workload: Workload; readonly measureMs: number }
  | { readonly kind: 'leak'; readonly minutes: number }
  | { readonly kind: 'fan-out'; readonly subscribers: number; readonly rounds: number }
  | { readonly kind: 'help' };

/** Many short rounds: what disturbs one contestant disturbs its neighbours, and no disturbance spoils the median. */
const full = { rounds: 15, seconds: 0.5 };
const quick = { rounds: 3, seconds: 0.25 };
/** How much longer than a measurement may the warm-up before it be? A machine with much to do needs it. */
const warmUpFactor = { full: 10, quick: 2 };
const profileSeconds = 10;
const fanOut = { subscribers: 10_000, rounds: 5 };
const leakMinutes = 10;
const maxMinutes = 600;
const maxRounds = 100;
const maxSeconds = 60;
const maxWorkers = 16;
/** Each is a connection from a port of its own: there are some 28,000. */
const maxSubscribers = 20_000;

export const usage = `Usage: npm run bench -- [--quick] [--rounds N] [--seconds S]
       npm run bench -- --workers N [--quick] [--rounds N] [--seconds S]
       npm run bench -- --profile LOAD [--seconds S]
       npm run bench -- --fan-out [--subscribers N] [--rounds N]
       npm run bench -- --leak [--minutes N]

Compares this gateway with other servers, side by side against one cluster: three nodes of its
own, with 10,000 employees. Every answer is checked. Writes the figures into docs/performance.md.

  --quick         ${quick.rounds} rounds of ${quick.seconds} s, in under a minute; nothing is written
  --rounds N      rounds, up to ${maxRounds} (default ${full.rounds}); in each, every server runs once under each load
  --seconds S     for how long each runs, up to ${maxSeconds} (default ${full.seconds}); with this or --rounds nothing is written
  --workers N     compares this gateway with itself as N processes, up to ${maxWorkers}; nothing is written
  --profile LOAD  compares nothing, but shows in which functions this gateway spends its time;
                  the loads are ${workloads.map(({ name }) => JSON.stringify(name)).join(', ')}
  --fan-out       compares nothing, but has many listen to this gateway and moves leadership: when do
                  they hear of it, and what does it cost?
  --subscribers N how many listen (default ${fanOut.subscribers})
  --leak          compares nothing, but asks this gateway for a long time: does its heap grow, and for
                  how long is its event loop held up? Ends with 1 when the heap grows
  --minutes N     how long (default ${leakMinutes})
  --help          this text

TARANTOOL names the binary for the nodes. Ends with 0 when every answer was right, 1 when one
was not or the comparison could not be made, 2 when the arguments cannot be used, 130 after Ctrl-C.`;

/**
 * What a command line asks for.
 * @throws ConfigError with every problem in it
 */
export function parseArguments(args: readonly string[]): BenchArguments {
  const problems: string[] = [];
  const isQuick = args.includes('--quick');
  const isFanOut = args.includes('--fan-out');
  const isLeak = args.includes('--leak');
  const rest = args.filter((arg) => !flags.has(arg));
  const withValue = ['rounds', 'seconds', 'workers', 'profile', 'subscribers', 'minutes'];
  const given = readOptions(rest, { withValue }, problems);
  if (given.has('help')) return { kind: 'help' };
  const isProfile = given.has('profile');
  const { rounds: usualRounds, seconds: usualSeconds } = isQuick ? quick : full;
  const whole = (name: string, bounds: { usual: number; from: number; to: number }) =>
    readWholeNumber(given, name, bounds, problems);
  const rounds = whole('rounds', { usual: isFanOut ? fanOut.rounds : usualRounds, from: 1, to: maxRounds });
  const subscribers = whole('subscribers', { usual: fanOut.subscribers, from: 1, to: maxSubscribers });
  const secondsWithin = { usual: isProfile ? profileSeconds : usualSeconds, upTo: maxSeconds };
  const seconds = readAmount(given, 'seconds', secondsWithin, problems);
  const workload = readWorkload(given.get('profile'), problems);
  if (isProfile && (isQuick || given.has('rounds')))
    problems.push('--profile compares nothing: it goes with neither --quick nor --rounds');
  if (isFanOut && (isQuick || isProfile || given.has('seconds')))
    problems.push('--fan-out goes with --subscribers and --rounds only');
  const workers = whole('workers', { usual: 1, from: 2, to: maxWorkers });
  if (given.has('workers') && (isProfile || isFanOut || isLeak))
    problems.push('--workers goes with --quick, --rounds and --seconds only');
  const minutes = readAmount(given, 'minutes', { usual: leakMinutes, upTo: maxMinutes }, problems);
  if (isLeak && (isQuick || isProfile || isFanOut || given.has('seconds') || given.has('rounds')))
    problems.push('--leak goes with --minutes only');
  if (!isLeak && given.has('minutes')) problems.push('--minutes goes with --leak only');
  if (!isFanOut && given.has('subscribers')) problems.push('--subscribers goes with --fan-out only');
  if (problems.length > 0)
    throw new ConfigError('These arguments cannot be used (--help tells of all)', problems);
  if (isLeak) return { kind: 'leak', minutes };
  if (isFanOut) return { kind: 'fan-out', subscribers, rounds };
  const measureMs = seconds * 1_000;
  if (isProfile) return { kind: 'profile', workload, measureMs };
  const isRecorded = !isQuick && !given.has('rounds') && !given.has('seconds');
  const warmUpMs = measureMs * (isQuick ? warmUpFactor.quick : warmUpFactor.full);
  if (given.has('workers')) return { kind: 'workers', workers, rounds, measureMs, warmUpMs };
  return { kind: 'compare', rounds, measureMs, warmUpMs, isRecorded };
}

// An option without a value has been noted already: it is then read as if it were not there.

function readWorkload(name = '', problems: string[]): Workload {
  const workload = workloads.find((known) => known.name === name);
  if (name !== '' && workload === undefined)
    problems.push(
      `--profile is ${JSON.stringify(name)}: give one of ${workloads.map((known) => JSON.stringify(known.name)).join(', ')}`,
    );
  return workload ?? workloads[0];
}
