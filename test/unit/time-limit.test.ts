import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { timeLimit } from '../../src/time-limit.js';

const reasonOf = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason));
  });

test('ends when the time is up, also when the garbage is collected meanwhile', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: unknown = runInNewContext('gc');
  const reason = reasonOf(timeLimit(50, new AbortController().signal));
  if (typeof collectGarbage !== 'function') throw new Error('The garbage cannot be collected');
  const keepAlive = setInterval(() => collectGarbage(), 5);
  expect(await reason).toMatchObject({ name: 'TimeoutError' });
  clearInterval(keepAlive);
});

test('ends as soon as another does, with its reason', async () => {
  const other = new AbortController();
  const reason = reasonOf(timeLimit(60_000, new AbortController().signal, other.signal));
  other.abort('enough');
  expect(await reason).toBe('enough');
});

test('has ended when another had', () => {
  expect(timeLimit(60_000, AbortSignal.abort('before'))).toMatchObject({ aborted: true, reason: 'before' });
});
