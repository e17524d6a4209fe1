import { expect, test } from 'vitest';
import { parseTarantoolVersion } from '../../../src/local/tarantool-binary.js';

test.each([
  [
    'Tarantool 2.6.0-0-g47aa4e01e\nTarget: Linux-x86_64-RelWithDebInfo',
    { version: '2.6.0', major: 2, minor: 6 },
  ],
  ['Tarantool 3.3.0-0-g5fc82b85d6\n', { version: '3.3.0', major: 3, minor: 3 }],
  ['Tarantool 3.2.0-entrypoint-113-g803baaffe', { version: '3.2.0', major: 3, minor: 2 }],
  ['Tarantool Enterprise 3.1.2-0-g1f9a35b-r641', { version: '3.1.2', major: 3, minor: 1 }],
  ['Tarantool 2.10.0-rc1-0-gabcdef', { version: '2.10.0', major: 2, minor: 10 }],
])('the version is read from %j', (output, version) => {
  expect(parseTarantoolVersion(output)).toEqual(version);
});

test.each(['', 'tarantool: command not found', 'Tarantool', 'Tarantool three', 'Python 3.11.7'])(
  'no version is read from %j',
  (output) => {
    expect(parseTarantoolVersion(output)).toBeNull();
  },
);
