import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { alignColumns, openTerminal } from '../../src/terminal.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const fail = (reject: (error: Error) => void) => reject(new Error('failed'));

function record(isTTY: boolean) {
  let text = '';
  const output = { isTTY, write: (more: string) => void (text += more) };
  return { output, printed: () => text };
}

describe('the terminal', () => {
  test.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { TERM: 'xterm' }, false],
  ])('watched by a person: %s, with %j: colours %s', (isTTY, environment, colours) => {
    const { paint } = openTerminal(record(isTTY).output, environment);
    expect(paint('green', 'text') !== 'text').toBe(colours);
  });

  test('shows a person what is waited for and for how long, and clears the line after', async () => {
    const { output, printed } = record(true);
    const work = new Promise<void>((resolve) => void setTimeout(resolve, 2_500));
    const shown = openTerminal(output, {}).during('Waiting', work);
    await vi.advanceTimersByTimeAsync(2_500);
    await shown;
    expect(printed().replaceAll('\u001B[K', '').split('\r')).toEqual([
      '',
      'Waiting ... 0 s',
      'Waiting ... 1 s',
      'Waiting ... 2 s',
      '',
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([
    [10, 'Waiting f'],
    [undefined, 'Waiting for a leader'],
    [0, 'Waiting for a leader'],
  ])('of %s columns gets a line that fits, for only that can be cleared', async (columns, shown) => {
    const { output, printed } = record(true);
    const width = columns === undefined ? {} : { columns };
    await openTerminal({ ...output, ...width }, {}).during(() => 'Waiting for a leader', Promise.resolve());
    expect(printed().replaceAll('\u001B[K', '').split('\r')).toEqual(['', shown, '']);
  });

  test('puts what is said meanwhile above the line that moves', async () => {
    const { output, printed } = record(true);
    const terminal = openTerminal(output, {});
    const work = new Promise<void>((resolve) => void setTimeout(resolve, 500));
    const shown = terminal.during('Waiting', work);
    terminal.say('a node has died');
    await vi.advanceTimersByTimeAsync(500);
    await shown;
    terminal.say('done');
    expect(printed().replaceAll('\u001B[K', '').split('\r')).toEqual([
      '',
      'Waiting ... 0 s',
      'a node has died\n',
      'Waiting ... 0 s',
      'done\n',
    ]);
  });

  test('writes a line each 10 s into a file, and passes a failure on', async () => {
    const { output, printed } = record(false);
    const work = new Promise<void>((_, reject) => void setTimeout(fail, 25_000, reject));
    const shown = expect(openTerminal(output, {}).during('Waiting', work)).rejects.toThrow('failed');
    await vi.advanceTimersByTimeAsync(25_000);
    await shown;
    expect(printed()).toBe('Waiting ...\nWaiting, still ...\nWaiting, still ...\n');
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('columns are as wide as their widest cell, and lines end without blanks', () => {
  expect(
    alignColumns([
      ['a', 'long', ''],
      ['longer', 'b', 'c'],
    ]),
  ).toEqual(['a       long', 'longer  b     c']);
});
