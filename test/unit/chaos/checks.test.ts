import { describe, expect, test } from 'vitest';
import { type Batch, type BatchSighting, checkBatches } from '../../../src/chaos/check-batches.js';
import { type Increment, checkCounters } from '../../../src/chaos/check-counters.js';
import { type HeardEvent, checkListeners } from '../../../src/chaos/check-listeners.js';
import { checkView } from '../../../src/chaos/check-view.js';
import type { NodeStatus } from '../../../src/tarantool/node-status.js';

const step = (value: number): Increment => ({ counter: 'c', outcome: { kind: 'ok', value } });
const otherStep = (kind: 'refused' | 'failed' | 'unknown'): Increment => ({
  counter: 'c',
  outcome: { kind, code: '' },
});

const counterIs = (value: number) => new Map([['one', new Map([['c', value]])]]);

describe('The check of counters', () => {
  const steps = [step(1), otherStep('refused'), step(2), otherStep('unknown'), otherStep('failed')];
  test.each([2, 3])('takes %i for two steps and one in doubt', (value) => {
    expect(checkCounters(steps, counterIs(value))).toEqual([]);
  });

  test.each([
    [1, 'a step is lost'],
    [4, 'one counts twice, or one that failed counts'],
    [0, 'all is lost'],
  ])('does not take %i for that: %s', (value) => {
    expect(checkCounters(steps, counterIs(value))).toEqual([
      `c is ${value} on one, after 2 steps that were acknowledged and 1 that may count`,
    ]);
  });

  test('finds two steps that reached the same value', () => {
    expect(checkCounters([step(1), step(1)], counterIs(2))).toEqual([
      'two steps of c were told to have reached 1',
    ]);
  });
});

const batch = (name: string, outcome: Batch['outcome']): Batch => ({
  name,
  size: 3,
  completedAt: 10,
  outcome,
});

describe('The check of batches', () => {
  const batches = [
    batch('ok', { kind: 'ok', value: null }),
    batch('doubt', { kind: 'unknown', code: 'OUTCOME_UNKNOWN' }),
    batch('failed', { kind: 'failed', code: 'CLUSTER_UNAVAILABLE' }),
  ];
  const check = (name: string, found: number, invokedAt = 20) => {
    const sighting: BatchSighting = { name, found, invokedAt, source: 'leader' };
    return checkBatches(batches, [sighting]);
  };

  test.each([
    ['all of one that was acknowledged', 'ok', 3, 20],
    ['none of it while it was being added', 'ok', 0, 5],
    ['all of one in doubt', 'doubt', 3, 20],
    ['none of one in doubt', 'doubt', 0, 20],
    ['none of one that failed', 'failed', 0, 20],
  ])('allows to see %s', (_, name, found, invokedAt) => {
    expect(check(name, found, invokedAt)).toEqual([]);
  });

  test.each([
    ['a part of one', 'doubt', 2, '2 of 3 employees of doubt were seen (leader)'],
    ['more than was added', 'ok', 6, '6 of 3 employees of ok were seen (leader)'],
    ['none of one', 'ok', 0, '0 of 3 employees of ok were seen (leader), though it had been acknowledged'],
    [
      'one that failed',
      'failed',
      3,
      '3 of 3 employees of failed were seen (leader), though its client was told CLUSTER_UNAVAILABLE',
    ],
    ['one that nobody added', 'ghost', 3, 'ghost was seen, and nobody ever asked for it'],
  ])('does not allow to see %s', (_, name, found, problem) => {
    expect(check(name, found)).toEqual([problem]);
  });
});

/** `CURRENT 1 a/5`: kind, number, leader and term. */
const event = (text: string): HeardEvent => {
  const [kind, sequence, place = ''] = text.split(' ');
  const [leader = '', term] = place.split('/');
  return {
    kind: kind === 'CURRENT' || kind === 'LOST' ? kind : 'ELECTED',
    sequence: Number(sequence),
    leader: leader === '-' ? null : leader,
    term: Number(term),
  };
};

const checkOne = (...subscriptions: readonly (readonly string[])[]) =>
  checkListeners([{ name: 'A', subscriptions: subscriptions.map((events) => events.map(event)) }], {
    leader: 'b',
    term: 6,
  });

describe('The check of listeners', () => {
  test.each([
    ['a change', [['CURRENT 1 a/5', 'LOST 2 -/5', 'ELECTED 3 b/6']]],
    ['a gap, for who is slow', [['CURRENT 1 a/5', 'ELECTED 7 b/6']]],
    ['the same leader in the same term again', [['CURRENT 1 b/6', 'LOST 2 -/6', 'ELECTED 3 b/6']]],
    ['a second subscription', [['CURRENT 1 a/5', 'ELECTED 3 b/6'], ['CURRENT 3 b/6']]],
    ['a subscription that heard nothing', [['CURRENT 3 b/6'], []]],
  ])('allows to hear of %s', (_, subscriptions) => {
    expect(checkOne(...subscriptions)).toEqual([]);
  });

  test.each([
    ['a term that falls', [['CURRENT 1 a/7', 'ELECTED 2 b/6']], ['A: term 6 after 7']],
    [
      'a term that falls from one subscription to the next',
      [['CURRENT 1 a/7'], ['CURRENT 2 b/6']],
      ['A: term 6 after 7'],
    ],
    [
      'one event twice',
      [['CURRENT 1 a/5', 'ELECTED 2 b/6', 'ELECTED 2 b/6']],
      ['A: event 2 (ELECTED) after event 2'],
    ],
    ['no CURRENT', [['ELECTED 2 b/6']], ['A: subscription 1: it begins with ELECTED']],
    ['a second CURRENT', [['CURRENT 1 b/6', 'CURRENT 1 b/6']], ['A: subscription 1: CURRENT comes again']],
    [
      'somebody else in the end',
      [['CURRENT 1 a/6']],
      ['A: the last that was heard is CURRENT a in term 6, but b leads term 6'],
    ],
    ['nothing at all', [[]], ['A: the last that was heard is nothing, but b leads term 6']],
  ])('does not allow to hear of %s', (_, subscriptions, problems) => {
    expect(checkOne(...subscriptions)).toEqual(problems);
  });
});

describe('The check of the view', () => {
  const follow = { status: 'follow', lagSeconds: 0, idleSeconds: 0, message: null };
  const word = (name: string, changes: Partial<NodeStatus> = {}): NodeStatus => ({
    name,
    instanceUuid: '',
    bootId: '',
    version: '',
    uptimeSeconds: 1,
    pid: null,
    role: name === 'a' ? 'leader' : 'follower',
    term: 3,
    leader: 'a',
    writable: name === 'a',
    readOnlyReason: null,
    lsn: 1,
    schemaVersion: 1,
    replication: [{ peer: name === 'a' ? 'b' : 'a', upstream: follow, downstream: follow }],
    ...changes,
  });
  const seen = { term: 3, leader: 'a', unreachable: [] };
  const names = ['a', 'b'];

  test('finds nothing when the gateway says what the nodes say, and all follow', () => {
    expect(checkView(seen, [word('a'), word('b')], names)).toEqual([]);
  });

  test.each([
    ['another leader', { ...seen, leader: 'b' }, [], ['the gateway takes b for the leader, the nodes a']],
    ['nobody', { ...seen, leader: null }, [], ['the gateway takes null for the leader, the nodes a']],
    ['an old term', { ...seen, term: 2 }, [], ['the gateway knows term 2, the nodes 3']],
    ['a node that is gone', { ...seen, unreachable: ['b'] }, [], ['the gateway cannot reach b']],
    ['two leaders', seen, [word('b', { role: 'leader', writable: true })], ['2 nodes lead: a, b']],
    [
      'a broken stream',
      seen,
      [
        word('b', {
          replication: [{ peer: 'a', upstream: { ...follow, status: 'stopped' }, downstream: null }],
        }),
      ],
      ['b receives from a: stopped', 'b sends to a: none'],
    ],
  ])('finds %s', (_, view, others, problems) => {
    expect(checkView(view, [word('a'), ...(others.length === 0 ? [word('b')] : others)], names)).toEqual(
      problems,
    );
  });

  test('finds a node that does not answer', () => {
    expect(checkView(seen, [word('a')], names)).toEqual(['b does not answer']);
  });
});
