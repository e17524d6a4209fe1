import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { getOperationAST, parse } from 'graphql';
import { expect, test } from 'vitest';
import { OperationRecord, type TraceContext } from '../../../src/http/operation-record.js';
import type { FinishedCall, FinishedWait } from '../../../src/replicaset/router.js';
import { traceOperations } from '../../../src/tracing/operation-traces.js';

function trace() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const calls = new Set<(call: FinishedCall) => void>();
  const waits = new Set<(wait: FinishedWait) => void>();
  const { observer, stop } = traceOperations({
    tracer: provider.getTracer('test'),
    propagator: new W3CTraceContextPropagator(),
    source: {
      onCall: (listener) => {
        calls.add(listener);
        return () => calls.delete(listener);
      },
      onWait: (listener) => {
        waits.add(listener);
        return () => waits.delete(listener);
      },
    },
  });
  const begin = (traceContext: TraceContext | null = null) =>
    new OperationRecord({
      requestId: 'request-7',
      subject: 'alice',
      transport: 'http',
      byGet: false,
      signal: new AbortController().signal,
      traceContext,
      clock: { now: () => performance.now(), date: () => new Date() },
      observers: [observer],
    });
  const call = (fn: string) => {
    for (const listener of calls) listener({ node: 'a', fn, attempt: 1, durationMs: 1, failure: null });
  };
  const wait = () => {
    for (const listener of waits) listener({ target: 'leader', durationMs: 5, ending: 'expired' });
  };
  return { begin, call, wait, stop, spans: () => exporter.getFinishedSpans(), calls, waits };
}

/** An operation whose calls are made in a later turn, as a resolver's are. */
async function run(record: OperationRecord, text: string, work: () => void): Promise<void> {
  record.definition = getOperationAST(parse(text)) ?? null;
  record.admit();
  await Promise.resolve();
  await new Promise(setImmediate);
  work();
  record.endWith([]);
}

test('calls and waits of operations that run at the same time are each in the trace of their own', async () => {
  const { begin, call, wait, spans } = trace();
  const both = [
    run(begin(), 'query One { __typename }', () => call('first')),
    run(begin(), 'query Two { __typename }', () => {
      wait();
      call('second');
    }),
  ];
  await Promise.all(both);
  const parentOf = (name: string) => {
    const parent = spans().find((span) => span.name === name)?.parentSpanContext?.spanId;
    return spans().find((span) => span.spanContext().spanId === parent)?.attributes['graphql.operation.name'];
  };
  expect([parentOf('first'), parentOf('second'), parentOf('wait for leader')]).toEqual(['One', 'Two', 'Two']);
});

test('an operation belongs to the trace that its client names; one that names none, or nonsense, begins one', () => {
  const { begin, spans } = trace();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  begin({ traceparent: `00-${traceId}-b7ad6b7169203331-01` }).endWith([]);
  begin({ traceparent: 'nonsense' }).endWith([]);
  begin().endWith([]);
  const [first, ...others] = spans();
  expect(first?.spanContext().traceId).toBe(traceId);
  expect(first?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  for (const span of others) expect(span.parentSpanContext).toBeUndefined();
});

test('an operation that its client does not want traced is not', () => {
  const { begin, spans } = trace();
  begin({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' }).endWith([]);
  expect(spans()).toEqual([]);
});

test('a span tells kind, name, request and codes, and not what was asked for', () => {
  const { begin, spans } = trace();
  const record = begin();
  record.text = 'mutation Rise { updateEmployee(input: {id: 1, salary: 987654}) { employee { id } } }';
  record.definition = getOperationAST(parse(record.text)) ?? null;
  record.admit();
  record.endWith(['FORBIDDEN', 'FORBIDDEN']);
  const [span] = spans();
  expect(span).toMatchObject({
    name: 'mutation',
    status: { code: 2 },
    attributes: {
      'graphql.operation.type': 'mutation',
      'graphql.operation.name': 'Rise',
      'employee_gateway.request_id': 'request-7',
      'employee_gateway.error_codes': ['FORBIDDEN'],
    },
  });
  expect(JSON.stringify(span?.attributes)).not.toContain('987654');
});

test('calls that belong to no operation are in no trace, and after the stop nobody listens', () => {
  const { call, spans, stop, calls, waits } = trace();
  call('replicaset.status');
  expect(spans()).toEqual([]);
  stop();
  expect([calls.size, waits.size]).toEqual([0, 0]);
});
