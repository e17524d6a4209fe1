import { describe, expect, test } from 'vitest';
import { type Source, firstRequest, noFilter, variablesOf } from '../../../web/console/state/list-request.js';

test('a list begins with its first page, in the order of the ids, read from the leader', () => {
  expect(variablesOf(firstRequest, null)).toEqual({
    first: 10,
    filter: {},
    orderBy: { field: 'ID', direction: 'ASC' },
    read: { consistency: 'LEADER' },
  });
});

const at = (kind: 'after' | 'before') => ({ ...firstRequest, place: { kind, cursor: 'c' } }) as const;

test('pages are counted from the cursor that they lie beside', () => {
  expect(variablesOf(at('after'), null)).toMatchObject({ first: 10, after: 'c' });
  expect(variablesOf(at('before'), null)).toMatchObject({ last: 10, before: 'c' });
});

const readFrom = (source: Source) => variablesOf({ ...firstRequest, source }, 'mark').read;

describe('the last mutation', () => {
  test('is in what a follower answers', () => {
    expect(readFrom('REPLICA')).toEqual({ consistency: 'REPLICA', bookmark: 'mark' });
    expect(readFrom({ node: 'paris' })).toEqual({ node: 'paris', bookmark: 'mark' });
  });

  test('needs no mention to the leader, who has it', () => {
    expect(readFrom('LEADER')).toEqual({ consistency: 'LEADER' });
    expect(readFrom('LINEARIZABLE')).toEqual({ consistency: 'LINEARIZABLE' });
  });
});

test('a filter holds what was typed, and no bound that is no number', () => {
  const filter = { ...noFilter, name: 'Ada', salaryFrom: '4 000', salaryTo: 'much' };
  expect(variablesOf({ ...firstRequest, filter }, null).filter).toEqual({
    name: { contains: 'Ada' },
    salary: { gte: 4000 },
  });
});
