import { describe, expect, test } from 'vitest';
import { parseArguments, usage } from '../../../src/chaos/arguments.js';
import { faultKinds } from '../../../src/chaos/schedule.js';
import { ConfigError } from '../../../src/operator-error.js';

const parse = (...args: readonly string[]) => parseArguments(args, () => 42);

function problemsOf(...args: readonly string[]): readonly string[] {
  try {
    parse(...args);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('The arguments of npm run chaos', () => {
  test('are all optional', () => {
    expect(parse()).toEqual({
      kind: 'run',
      durationMs: 120_000,
      seed: 42,
      kinds: faultKinds,
      json: null,
      directory: null,
    });
  });

  test('say for how long, from which seed and what', () => {
    expect(
      parse('--minutes', '0.5', '--seed=7', '--faults', 'cut, kill', '--json', 'out.json', '--keep', 'out'),
    ).toEqual({
      kind: 'run',
      durationMs: 30_000,
      seed: 7,
      kinds: ['kill', 'cut'],
      json: 'out.json',
      directory: 'out',
    });
    expect(parse('--faults', 'all')).toMatchObject({ kinds: faultKinds });
  });

  test('ask for help', () => {
    expect(parse('--help')).toEqual({ kind: 'help' });
    for (const kind of faultKinds) expect(usage).toMatch(new RegExp(`^ +${kind} `, 'm'));
  });

  test('are refused with everything that is wrong with them', () => {
    expect(problemsOf('--minutes', '0', '--seed', 'x', '--faults', 'kill,fire', '--fast', 'now')).toEqual([
      '--fast is no option',
      '"now" belongs to no option',
      '--minutes is "0": give a number above 0, up to 600',
      '--seed is "x": give a whole number from 0 to 4294967295',
      '--faults has "fire": give some of kill, stop, pause, cut, oneway, reset, delay, killall, or all',
    ]);
    expect(problemsOf('--minutes')).toEqual(['--minutes needs a value']);
    expect(problemsOf('--seed', '1', '--seed', '2')).toEqual(['--seed is given twice']);
  });
});
