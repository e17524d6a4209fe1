import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type { ObservedOperation, OperationObserver } from '../http/operation-record.js';
import type { OpenReplicaSet } from '../replicaset/open-replica-set.js';

export interface OperationTracesOptions {
  readonly tracer: Tracer;
  /** Reads the context that a client sent. */
  readonly propagator: TextMapPropagator;
  readonly source: Pick<OpenReplicaSet, 'onCall' | 'onWait'>;
}

/**
 * A span for each operation, and below it one for each time that it waited for a node and one for each call of a node. Which
 * operation is under way, the asynchronous context tells: nothing on the path of a request knows of traces. A call that several
 * operations share is in the trace of the first of them.
 *
 * Neither texts nor variables become attributes.
 */
export function traceOperations({ tracer, propagator, source }: OperationTracesOptions): {
  readonly observer: OperationObserver;
  readonly stop: () => void;
} {
  const spans = new WeakMap<ObservedOperation, Span>();
  const current = new AsyncLocalStorage<Context>();

  /** Has happened by now, and took so long. */
  function tell(name: string, durationMs: number, options: Parameters<Tracer['startSpan']>[1]): Span | null {
    const parent = current.getStore();
    if (parent === undefined) return null;
    return tracer.startSpan(name, { ...options, startTime: performance.now() - durationMs }, parent);
  }

  const stopCalls = source.onCall(({ node, fn, attempt, durationMs, failure }) => {
    const span = tell(fn, durationMs, {
      kind: SpanKind.CLIENT,
      attributes: {
        'db.system.name': 'tarantool',
        'db.operation.name': fn,
        'employee_gateway.node': node,
        'employee_gateway.attempt': attempt,
        'employee_gateway.outcome': failure === null ? 'answered' : failure.outcome,
        ...(failure !== null && { 'error.type': failure.code }),
      },
    });
    if (failure !== null) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end(performance.now());
  });
  const stopWaits = source.onWait(({ target, durationMs, ending }) => {
    tell(`wait for ${target}`, durationMs, {
      attributes: { 'employee_gateway.target': target, 'employee_gateway.ending': ending },
    })?.end(performance.now());
  });

  const observer: OperationObserver = {
    began(operation) {
      const carrier = operation.traceContext ?? {};
      const parent = propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
      const { startedAt, transport, requestId } = operation;
      const attributes = {
        'employee_gateway.transport': transport,
        'employee_gateway.request_id': requestId,
      };
      const options = { kind: SpanKind.SERVER, startTime: startedAt, attributes };
      spans.set(operation, tracer.startSpan('operation', options, parent));
    },
    admitted(operation) {
      const span = spans.get(operation);
      if (span !== undefined) current.enterWith(trace.setSpan(ROOT_CONTEXT, span));
    },
    ended(operation, { codes }) {
      const span = spans.get(operation);
      if (span === undefined) return;
      const { definition } = operation;
      // The kind alone: names are the clients' to choose, and spans are counted by theirs.
      if (definition !== null) {
        span.updateName(definition.operation);
        span.setAttribute('graphql.operation.type', definition.operation);
        if (definition.name !== undefined)
          span.setAttribute('graphql.operation.name', definition.name.value.slice(0, longestName));
      }
      if (codes.length > 0) {
        span.setAttribute('employee_gateway.error_codes', [...new Set(codes)]);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end(performance.now());
    },
  };
  return {
    observer,
    stop: () => {
      stopCalls();
      stopWaits();
    },
  };
}

const longestName = 100;
