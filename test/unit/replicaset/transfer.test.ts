import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ClusterUnavailableError,
  StoppingError,
  TransferRefusedError,
  TransferUnconfirmedError,
  UnknownNodeError,
} from '../../../src/replicaset/errors.js';
import { checkTransfer, LeadershipTransfer } from '../../../src/replicaset/transfer.js';
import { NodeError } from '../../../src/tarantool/errors.js';
import type { Reply } from '../../../src/tarantool/reply.js';
import { FakeReplicaSet } from '../../support/fake-replica-set.js';
import { ManualClock } from '../../support/manual-clock.js';

const [leader, to, third] = ['instance001', 'instance002', 'instance003'];
const timeoutMs = 5_000;

let clock: ManualClock;
let replicaSet: FakeReplicaSet;
let transfers: LeadershipTransfer;
/** What the leader is asked, and how it answers. */
let asked: unknown[];
let answer: () => Promise<Reply>;
let probes: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  clock = new ManualClock();
  replicaSet = new FakeReplicaSet(clock);
  asked = [];
  probes = 0;
  answer = () => new Promise(() => undefined);
  const call = (node: string) => (fn: string, args: readonly unknown[]) => {
    asked.push([node, fn, ...args]);
    return answer();
  };
  transfers = new LeadershipTransfer({
    clock,
    observer: replicaSet,
    nodes: new Map([leader, to, third].map((name) => [name, { call: call(name) }])),
    probeAll: () => {
      probes += 1;
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
  expect(replicaSet.listenerCount).toBe(0);
});

const transfer = (name = to) => transfers.transferLeadership(name, { deadlineAt: clock.now() + timeoutMs });
const failing = (...[code, outcome]: [NodeError['code'], NodeError['outcome']]) =>
  Promise.reject(new NodeError(code, { outcome, node: leader, message: 'as the test wants' }));

describe('before anybody is asked', () => {
  test('the leader itself is done, and the leader is not bothered', async () => {
    await transfer(leader);
    expect(asked).toEqual([]);
  });

  test('a node of another name is unknown', async () => {
    await expect(transfer('nobody')).rejects.toThrow(UnknownNodeError);
  });

  test('a leader is needed', async () => {
    replicaSet.loseLeader();
    await expect(transfer()).rejects.toMatchObject({ reason: 'NO_LEADER', leader: null });
  });

  test.each(['unreachable', 'unknown'] as const)('a target that is %s is refused', (reach) => {
    replicaSet.observeNode(to, { reach });
    expect(checkTransfer(replicaSet.view, to)).toEqual({ kind: 'refuse', reason: 'UNREACHABLE' });
  });
});

describe('the leader is asked once, with the time that is left', () => {
  test('and its yes is no answer until the view shows the new leader', async () => {
    answer = async () => ({ status: 'ok' });
    const onDone = vi.fn();
    const done = transfer().then(onDone);
    replicaSet.loseLeader();
    await vi.advanceTimersByTimeAsync(10);
    expect(probes).toBe(1);
    expect(onDone).not.toHaveBeenCalled();
    replicaSet.elect(to);
    await done;
    expect(asked).toEqual([[leader, 'replicaset.transfer_leadership', { to, timeout: timeoutMs / 1000 }]]);
  });

  test('and the view is believed also when the leader says nothing', async () => {
    const done = transfer();
    replicaSet.elect(to);
    await done;
  });

  test('and its no is told with the reason', async () => {
    answer = async () => ({
      status: 'rejected',
      code: 'TRANSFER_REFUSED',
      reason: 'LAGGING',
      rows_behind: 7,
    });
    const refused = await transfer().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TransferRefusedError);
    expect(refused).toMatchObject({
      reason: 'LAGGING',
      leader,
      message: 'instance002 is behind the leader by 7 rows and does not catch up; instance001 leads',
    });
  });

  test('and a reason that is not known is a refusal all the same', async () => {
    answer = async () => ({ status: 'rejected', code: 'TRANSFER_REFUSED', reason: 'MOON_PHASE' });
    await expect(transfer()).rejects.toMatchObject({ reason: 'NOT_ELECTED' });
  });

  test('and when it does not lead any more, nobody can hand over', async () => {
    answer = () => failing('READ_ONLY', 'not-applied');
    await expect(transfer()).rejects.toMatchObject({ reason: 'NO_LEADER' });
  });

  test('and when it cannot be, nothing has happened', async () => {
    answer = () => failing('NOT_CONNECTED', 'not-applied');
    await expect(transfer()).rejects.toThrow(ClusterUnavailableError);
  });
});

describe('when the connection to the leader breaks, the view decides:', () => {
  beforeEach(() => {
    answer = () => failing('CONNECTION_LOST', 'unknown');
  });

  test('the target leads', async () => {
    const done = transfer();
    await vi.advanceTimersByTimeAsync(1);
    replicaSet.elect(to);
    await done;
  });

  test('another one leads', async () => {
    const done = transfer();
    replicaSet.loseLeader();
    replicaSet.elect(third);
    await expect(done).rejects.toMatchObject({ reason: 'NOT_ELECTED', leader: third });
  });

  test('nothing changes until the deadline, and nobody knows', async () => {
    const done = transfer();
    const settled = expect(done).rejects.toThrow(TransferUnconfirmedError);
    await vi.advanceTimersByTimeAsync(timeoutMs);
    await settled;
  });
});

test('a gateway that stops ends a transfer that is under way, and takes no other', async () => {
  const done = transfer();
  transfers.stop();
  await expect(done).rejects.toThrow(StoppingError);
  await expect(transfer()).rejects.toThrow(StoppingError);
});
