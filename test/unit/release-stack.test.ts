import { expect, test } from 'vitest';
import { ReleaseStack } from '../../src/release-stack.js';

test('what was acquired last is released first, one after the other', async () => {
  const released: string[] = [];
  const stack = new ReleaseStack();
  stack.push(() => void released.push('first'));
  stack.push(async () => {
    await Promise.resolve();
    released.push('second');
  });
  await stack.releaseAll();
  expect(released).toEqual(['second', 'first']);
});

test('one failure keeps nothing from being released, and the first is thrown', async () => {
  const released: string[] = [];
  const stack = new ReleaseStack();
  stack.push(() => void released.push('first'));
  stack.push(() => Promise.reject(new Error('second')));
  stack.push(() => {
    throw new Error('third');
  });
  await expect(stack.releaseAll()).rejects.toThrow('third');
  expect(released).toEqual(['first']);
});

test('everything is released once, however often it is asked for', async () => {
  let count = 0;
  const stack = new ReleaseStack();
  stack.push(() => void (count += 1));
  await Promise.all([stack.releaseAll(), stack.releaseAll()]);
  expect(count).toBe(1);
});
