import { getOperationAST, parse } from 'graphql';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { logOperations } from '../../../src/http/operation-log.js';
import { OperationRecord } from '../../../src/http/operation-record.js';

type Line = Readonly<Record<string, unknown>>;

function observe({ level = 'info', slowMs = 1_000 } = {}) {
  let now = 0;
  const clock = { now: () => now, date: () => new Date(now) };
  const lines: Line[] = [];
  const logger = pino(
    { level, base: null, timestamp: false },
    { write: (text) => lines.push(JSON.parse(text)) },
  );
  const observer = logOperations({ logger, clock, slowMs });

  /** An operation that takes a while and ends with errors. */
  function run(text: string, { durationMs = 1, codes = [] as readonly string[] } = {}): OperationRecord {
    const record = new OperationRecord({
      requestId: 'request-7',
      subject: 'alice',
      transport: 'http',
      byGet: false,
      signal: new AbortController().signal,
      clock,
      observers: [observer],
    });
    record.text = text;
    record.definition = getOperationAST(parse(text)) ?? null;
    record.admit();
    now += durationMs;
    record.endWith(codes);
    return record;
  }
  return { run, lines, observer, pass: (ms: number) => (now += ms) };
}

const rise = 'mutation Rise { updateEmployee(input: {id: 1, salary: 987654}) { employee { salary } } }';

describe('the log of operations', () => {
  test('has no line for an operation that went well, or that its client got wrong', () => {
    const { run, lines } = observe();
    run('{ __typename }');
    run(rise, { codes: ['BAD_USER_INPUT', 'EMPLOYEE_NOT_FOUND'] });
    expect(lines).toEqual([]);
  });

  test('tells of one that the service failed: its name and hash, and not what it asks for', () => {
    const { run, lines } = observe();
    run(rise, { durationMs: 12.34, codes: ['OUTCOME_UNKNOWN'] });
    expect(lines).toEqual([
      {
        level: 40,
        requestId: 'request-7',
        transport: 'http',
        subject: 'alice',
        kind: 'mutation',
        operation: 'Rise',
        documentHash: expect.stringMatching(/^[\da-f]{64}$/),
        durationMs: 12.3,
        codes: ['OUTCOME_UNKNOWN'],
        msg: 'An operation failed',
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain('987654');
  });

  test('tells of a slow one, unless it is a subscription, which lasts', () => {
    const { run, lines } = observe({ slowMs: 500 });
    run('query Quick { __typename }', { durationMs: 499 });
    run('query Slow { __typename }', { durationMs: 500 });
    run('subscription Long { leadershipChanged { term } }', { durationMs: 60_000 });
    expect(lines).toEqual([
      expect.objectContaining({
        level: 30,
        operation: 'Slow',
        durationMs: 500,
        msg: 'An operation was slow',
      }),
    ]);
    const { run: runAny, lines: none } = observe({ slowMs: 0 });
    runAny('query Slow { __typename }', { durationMs: 60_000 });
    expect(none).toEqual([]);
  });

  test('tells of all at the level debug, still without what they ask for', () => {
    const { run, lines } = observe({ level: 'debug' });
    run(rise);
    run(rise, { codes: ['FORBIDDEN'] });
    expect(lines.map(({ level, msg, codes }) => [level, msg, codes])).toEqual([
      [20, 'An operation ended', []],
      [20, 'An operation ended', ['FORBIDDEN']],
    ]);
    expect(JSON.stringify(lines)).not.toContain('987654');
  });

  test('tells of an event that a subscription could not be told', () => {
    const { run, lines, observer } = observe();
    const record = run('subscription Watch { topologyChanged { term } }');
    observer.happened?.(record, ['INTERNAL_SERVER_ERROR']);
    observer.happened?.(record, []);
    expect(lines.map(({ msg, operation }) => [msg, operation])).toEqual([
      ['An event could not be told', 'Watch'],
    ]);
  });

  test('says in an outage how many lines it kept back', () => {
    const { run, lines, pass } = observe();
    for (let count = 0; count < 100; count++) run(rise, { durationMs: 0, codes: ['CLUSTER_UNAVAILABLE'] });
    expect(lines).toHaveLength(20);
    pass(1_000);
    run(rise, { codes: ['CLUSTER_UNAVAILABLE'] });
    expect(lines.at(-1)).toMatchObject({ keptBack: 80 });
  });

  test('cuts a name that is too long for a line', () => {
    const { run, lines } = observe();
    run(`query ${'N'.repeat(5_000)} { __typename }`, { codes: ['OVERLOADED'] });
    expect(lines[0]?.['operation']).toBe('N'.repeat(100));
  });
});
