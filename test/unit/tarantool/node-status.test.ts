import { describe, expect, test } from 'vitest';
import { parseNodeStatus } from '../../../src/tarantool/node-status.js';

/** As a follower of three answers. */
const answer = {
  status: 'ok',
  name: 'instance002',
  instance_uuid: '0c8f3a7e-0000-4000-8000-000000000002',
  boot_id: '5b0d7f60-0000-4000-8000-000000000001',
  version: '2.6.0-0-g47aa4e01e',
  uptime: 12.5,
  pid: 4711,
  role: 'follower',
  term: 3,
  leader: 'instance001',
  writable: false,
  read_only_reason: 'election',
  lsn: 17,
  schema_version: 1,
  replication: [
    {
      peer: 'instance001',
      upstream: { status: 'follow', lag: 0.0003, idle: 0.1 },
      downstream: { status: 'follow', idle: 0.2 },
    },
    {
      peer: 'instance003',
      upstream: { status: 'disconnected', idle: 9, message: 'connect, called on fd 28' },
    },
  ],
};

describe('the status of a node', () => {
  test('is read with units in its names and null for what Lua left out', () => {
    expect(parseNodeStatus(answer)).toEqual({
      name: 'instance002',
      instanceUuid: '0c8f3a7e-0000-4000-8000-000000000002',
      bootId: '5b0d7f60-0000-4000-8000-000000000001',
      version: '2.6.0-0-g47aa4e01e',
      uptimeSeconds: 12.5,
      pid: 4711,
      role: 'follower',
      term: 3,
      leader: 'instance001',
      writable: false,
      readOnlyReason: 'election',
      lsn: 17,
      schemaVersion: 1,
      replication: [
        {
          peer: 'instance001',
          upstream: { status: 'follow', lagSeconds: 0.0003, idleSeconds: 0.1, message: null },
          downstream: { status: 'follow', lagSeconds: null, idleSeconds: 0.2, message: null },
        },
        {
          peer: 'instance003',
          upstream: {
            status: 'disconnected',
            lagSeconds: null,
            idleSeconds: 9,
            message: 'connect, called on fd 28',
          },
          downstream: null,
        },
      ],
    });
  });

  test('may lack a leader and a reason, as nil or as nothing', () => {
    const { leader: _leader, read_only_reason: _reason, ...rest } = answer;
    for (const value of [rest, { ...rest, leader: null, read_only_reason: null }]) {
      expect(parseNodeStatus(value)).toMatchObject({ leader: null, readOnlyReason: null });
    }
  });

  test('may have fields that we do not know: nodes are upgraded before gateways', () => {
    expect(parseNodeStatus({ ...answer, mood: 'good' })).toEqual(parseNodeStatus(answer));
  });

  test.each([
    ['name', { name: '' }],
    ['boot_id', { boot_id: undefined }],
    ['role', { role: 'master' }],
    ['term', { term: 1.5 }],
    ['term', { term: '3' }],
    ['term', { term: -1 }],
    ['uptime', { uptime: Number.NaN }],
    ['pid', { pid: 1.5 }],
    ['leader', { leader: 1 }],
    ['writable', { writable: 'yes' }],
    ['lsn', { lsn: null }],
    ['replication', { replication: {} }],
    ['replication.0.upstream.status', { replication: [{ peer: 'a', upstream: { lag: 1 } }] }],
  ])('is refused by the name of its field %s', (field, change) => {
    expect(() => parseNodeStatus({ ...answer, ...change })).toThrow(`Not a node status: ${field}: `);
  });

  test('S07: is refused when it claims to lead and names no term', () => {
    const { term: _, ...withoutTerm } = { ...answer, role: 'leader', writable: true };
    expect(() => parseNodeStatus(withoutTerm)).toThrow('Not a node status: term: ');
  });

  test('is refused with all that is wrong at once', () => {
    expect(() => parseNodeStatus({ ...answer, term: 'x', lsn: 'y' })).toThrow(/term: .*; lsn: /);
    expect(() => parseNodeStatus('leader')).toThrow('Not a node status: the whole: ');
  });
});
