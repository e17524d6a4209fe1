import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SocketTurn } from '../../../src/http/socket-turn.js';

/** A connection, what was handed to the system by each of its calls, and a peer that reads only when it is let. */
function setUp() {
  const calls: string[] = [];
  let left: (() => void) | null = null;
  let isStalled = false;
  const hand = (text: string, done: () => void): void => {
    calls.push(text);
    if (isStalled) left = done;
    else done();
  };
  const socket = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => hand(String(chunk), done),
    writev: (chunks, done) => hand(chunks.map(({ chunk }) => String(chunk)).join(''), done),
  });
  const turn = new SocketTurn();
  const send = (text: string) => turn.send(socket, (onLeft) => socket.write(text, onLeft));
  const stall = () => (isStalled = true);
  const read = () => {
    isStalled = false;
    left?.();
  };
  return { calls, send, stall, read };
}

/** Whether it is settled once all that can happen now has happened. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await setImmediate();
  return settled;
}

test('what is sent one after another in a turn leaves in one call', async () => {
  const { calls, send } = setUp();
  await send('a');
  await send('b');
  expect(calls).toEqual([]);
  await setImmediate();
  expect(calls).toEqual(['ab']);
  await send('c');
  await setImmediate();
  expect(calls).toEqual(['ab', 'c']);
});

test('while the other end does not read, sending waits until the bytes have left', async () => {
  const { send, stall, read } = setUp();
  stall();
  expect(await isSettled(send('a'))).toBe(true);
  const second = send('b');
  expect(await isSettled(second)).toBe(false);
  read();
  expect(await isSettled(second)).toBe(true);
});
