import { describe, expect, test } from 'vitest';
import { summariseProfile } from '../../../src/bench/cpu-profile.js';

const frame = (functionName: string, url = '', lineNumber = -1) => ({ functionName, url, lineNumber });

/** A sample of each node in turn, a millisecond apart from the next. */
function profileOf(...frames: readonly ReturnType<typeof frame>[]): string {
  return JSON.stringify({
    nodes: frames.map((callFrame, index) => ({ id: index + 1, callFrame })),
    startTime: 5_000,
    endTime: 5_000 + frames.length * 1_000,
    samples: [...frames.map((_, index) => index + 1), 1],
    timeDeltas: [0, ...frames.map(() => 1_000)],
  });
}

const all = { from: 0, to: Infinity };
const root = '/home/me/gateway/';

describe('A profile', () => {
  const text = profileOf(
    frame('(idle)'),
    frame('(garbage collector)'),
    frame('(program)'),
    frame('walk', `file://${root}dist/employees/employee.store.js`, 9),
    frame('executeField', `file://${root}node_modules/graphql/execution/execute.js`, 41),
    frame('handle', `${root}node_modules/@apollo/server/dist/cjs/a.js`, 0),
    frame('writev', 'node:net', 6),
    frame('', `file://${root}dist/http/app.js`, 0),
    frame('push'),
    frame('(idle)'),
  );
  const summary = summariseProfile(text, all, root);

  test('says how busy the process was', () => {
    expect(summary).toMatchObject({ busyMs: 8, busy: 0.8 });
  });

  test('gives each millisecond to whoever spent it, and leaves out idle ones', () => {
    expect(summary.functions.map(({ what }) => what)).toEqual([
      '(garbage collector)',
      '(program)',
      'walk  dist/employees/employee.store.js:10',
      'executeField  graphql/execution/execute.js:42',
      'handle  @apollo/server/dist/cjs/a.js:1',
      'writev  node:net:7',
      'a function without a name  dist/http/app.js:1',
      'push',
    ]);
    expect(summary.functions.map(({ share }) => share)).toEqual(Array(8).fill(1 / 8));
  });

  test('says whose the functions are', () => {
    expect(summary.packages.map(({ what }) => what)).toEqual([
      'garbage collector',
      'system calls and C++',
      'src/employees',
      'graphql',
      '@apollo/server',
      'Node',
      'src/http',
      'built-in functions',
    ]);
  });

  test('adds up what the same function spent, the costliest first', () => {
    const repeated = profileOf(frame('a', 'node:x', 0), frame('b', 'node:x', 1), frame('b', 'node:x', 1));
    const [first, second] = summariseProfile(repeated, all, root).functions;
    expect(first).toEqual({ what: 'b  node:x:2', share: 2 / 3 });
    expect(second).toEqual({ what: 'a  node:x:1', share: 1 / 3 });
  });

  test('can be looked at in part: the start of a process is not what it does under load', () => {
    const part = summariseProfile(text, { from: 8_000, to: 10_000 }, root);
    expect(part.functions.map(({ what }) => what)).toEqual([
      'walk  dist/employees/employee.store.js:10',
      'executeField  graphql/execution/execute.js:42',
    ]);
  });
});

test('What is no profile is refused', () => {
  expect(() => summariseProfile('{"nodes":[]}', all, root)).toThrow();
});
