import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../../src/bench/arguments.js';
import { ConfigError } from '../../../src/operator-error.js';

function problemsOf(...args: readonly string[]): readonly string[] {
  try {
    parseArguments(args);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('The arguments of npm run bench', () => {
  test('are all optional, and the figures are recorded', () => {
    expect(parseArguments([])).toEqual({
      kind: 'compare',
      rounds: 15,
      measureMs: 500,
      warmUpMs: 5_000,
      isRecorded: true,
    });
  });

  test('ask for a short run, which is not recorded', () => {
    expect(parseArguments(['--quick'])).toEqual({
      kind: 'compare',
      rounds: 3,
      measureMs: 250,
      warmUpMs: 500,
      isRecorded: false,
    });
  });

  test('say how many rounds, and how long; what is not the full measure is not recorded', () => {
    const args = ['--rounds=2', '--seconds', '0.5'];
    expect(parseArguments(args)).toEqual({
      kind: 'compare',
      rounds: 2,
      measureMs: 500,
      warmUpMs: 5_000,
      isRecorded: false,
    });
  });

  test('ask for several processes', () => {
    expect(parseArguments(['--workers', '2', '--rounds', '5'])).toEqual({
      kind: 'workers',
      workers: 2,
      rounds: 5,
      measureMs: 500,
      warmUpMs: 5_000,
    });
    expect(problemsOf('--workers', '1')).toEqual(['--workers is "1": give a whole number from 2 to 16']);
    expect(problemsOf('--workers', '2', '--leak')).toEqual([
      '--workers goes with --quick, --rounds and --seconds only',
    ]);
  });

  test('ask for a profile under one load', () => {
    expect(parseArguments(['--profile', 'list of 20'])).toMatchObject({
      kind: 'profile',
      workload: { name: 'list of 20' },
      measureMs: 10_000,
    });
    expect(problemsOf('--profile', 'lists')).toEqual([
      '--profile is "lists": give one of "point read", "list of 20", "list of 200", "different lists", "100 aliases", "mutation", "90 % reads"',
    ]);
    expect(problemsOf('--profile', 'mutation', '--quick')).toEqual([
      '--profile compares nothing: it goes with neither --quick nor --rounds',
    ]);
  });

  test('ask how many listeners hear of a leader, and when', () => {
    expect(parseArguments(['--fan-out'])).toEqual({ kind: 'fan-out', subscribers: 10_000, rounds: 5 });
    expect(parseArguments(['--fan-out', '--subscribers', '300', '--rounds', '1'])).toEqual({
      kind: 'fan-out',
      subscribers: 300,
      rounds: 1,
    });
    expect(problemsOf('--fan-out', '--quick', '--subscribers', '0')).toEqual([
      '--subscribers is "0": give a whole number from 1 to 20000',
      '--fan-out goes with --subscribers and --rounds only',
    ]);
    expect(problemsOf('--subscribers', '5')).toEqual(['--subscribers goes with --fan-out only']);
  });

  test('ask whether the heap grows', () => {
    expect(parseArguments(['--leak'])).toEqual({ kind: 'leak', minutes: 10 });
    expect(parseArguments(['--leak', '--minutes=0.5'])).toEqual({ kind: 'leak', minutes: 0.5 });
    expect(problemsOf('--leak', '--rounds', '3', '--minutes', '0')).toEqual([
      '--minutes is "0": give a number above 0, up to 600',
      '--leak goes with --minutes only',
    ]);
    expect(problemsOf('--minutes', '5')).toEqual(['--minutes goes with --leak only']);
  });

  test('are refused all at once', () => {
    expect(problemsOf('--rounds', '0', '--seconds', 'x', '--fast')).toEqual([
      '--fast is no option',
      '--rounds is "0": give a whole number from 1 to 100',
      '--seconds is "x": give a number above 0, up to 60',
    ]);
  });

  test('may ask for help', () => {
    expect(parseArguments(['--help'])).toEqual({ kind: 'help' });
  });
});
