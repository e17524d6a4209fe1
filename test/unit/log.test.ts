import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { createLog, openReadable } from '../../src/log.js';
import { NodeError } from '../../src/tarantool/errors.js';

function open() {
  const lines: string[] = [];
  return { lines, log: createLog({ logLevel: 'info' }, { write: (text) => lines.push(text) }) };
}

test('a line is a JSON object with the cause of what failed', () => {
  const { lines, log } = open();
  const cause = new Error('connect ECONNREFUSED');
  const error = new NodeError('NODE_FAILURE', { outcome: 'unknown', node: 'a', message: 'Lost', cause });
  log.error({ err: error }, 'Failed');
  expect(JSON.parse(lines.join(''))).toMatchObject({
    level: 50,
    msg: 'Failed',
    err: { message: 'Lost: connect ECONNREFUSED', code: 'NODE_FAILURE', node: 'a', outcome: 'unknown' },
  });
});

test('rows that Tarantool quotes in its errors are cut out, in causes as well', () => {
  const { lines, log } = open();
  const cause = new Error(
    'Duplicate key exists in unique index "id" with old tuple - [1, "Jo ]", 987654] and new tuple - [1, "J", 987654]',
  );
  const error = new NodeError('NODE_FAILURE', {
    outcome: 'unknown',
    node: 'a',
    message: cause.message,
    cause,
  });
  log.error({ err: error }, 'Failed');
  expect(lines.join('')).toContain('Duplicate key exists');
  expect(lines.join('')).not.toContain('987654');
});

test('what was thrown and is no error is written as it is', () => {
  const { lines, log } = open();
  log.error({ err: 'a text' }, 'Failed');
  expect(JSON.parse(lines.join(''))).toMatchObject({ err: 'a text' });
});

test('at a terminal a line has the time of day, the level, what happened, and then the details', async () => {
  const terminal = new PassThrough();
  const log = createLog({ logLevel: 'info' }, await openReadable(terminal));
  log.warn({ node: 'instance001' }, 'instance001 is unreachable');
  log.debug('Not to be seen');
  const [first = '', second = ''] = String(terminal.read()).split('\n');
  const plain = stripVTControlCharacters(first);
  expect(plain).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: instance001 is unreachable$/);
  expect(second).toContain('"instance001"');
});
