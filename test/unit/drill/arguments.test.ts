import { describe, expect, test } from 'vitest';
import { parseArguments, strikes, usage } from '../../../src/drill/arguments.js';
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

describe('The arguments of npm run drill', () => {
  test('are all optional', () => {
    expect(parseArguments([])).toEqual({
      kind: 'run',
      kills: 1,
      strike: 'SIGKILL',
      writingMs: 1_000,
      json: null,
    });
  });

  test('say how often, by what and for how long', () => {
    const args = ['--kills', '30', '--signal=SIGSTOP', '--seconds', '0.5', '--json', 'out.json'];
    expect(parseArguments(args)).toEqual({
      kind: 'run',
      kills: 30,
      strike: 'SIGSTOP',
      writingMs: 500,
      json: 'out.json',
    });
  });

  test.each([
    ['term', 'SIGTERM'],
    ['KILL', 'SIGKILL'],
    ['sigstop', 'SIGSTOP'],
  ])('take the signal %s as kill(1) does', (name, strike) => {
    expect(parseArguments(['--signal', name])).toMatchObject({ strike });
  });

  test('ask for help, which names every signal', () => {
    expect(parseArguments(['--help'])).toEqual({ kind: 'help' });
    for (const strike of strikes) expect(usage).toContain(strike);
  });

  test('are refused with everything that is wrong with them', () => {
    expect(
      problemsOf('--kills', '0', '--signal', 'HUP', '--seconds', 'x', '--fast', 'now', '--json'),
    ).toEqual([
      '--fast is no option',
      '"now" belongs to no option',
      '--json needs a value',
      '--kills is "0": give a whole number from 1 to 1000',
      '--signal is "HUP": give one of SIGKILL, SIGTERM, SIGSTOP',
      '--seconds is "x": give a number above 0, up to 60',
    ]);
    expect(problemsOf('--kills', '2', '--kills', '3')).toEqual(['--kills is given twice']);
  });
});
