import { diag, DiagLogLevel } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';
import type { OperationObserver } from '../http/operation-record.js';
import { type OperationTracesOptions, traceOperations } from './operation-traces.js';

/** Spans on their way to a collector. */
export interface Tracing {
  readonly operations: OperationObserver;
  /** Sends what is left, for some time at most. */
  stop(): Promise<void>;
}

export interface TracingOptions extends Pick<OperationTracesOptions, 'source'> {
  /** Where a collector takes spans by OTLP over HTTP. */
  readonly url: string;
  readonly logger: Logger;
}

/** A collector that does not answer keeps no gateway from ending: less than what is left for that (main.ts). */
const flushLimitMs = 2_000;

/**
 * Begins to send spans. This module and the packages behind it are loaded only where traces are asked for. What else the standard
 * variables say (OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, OTEL_BSP_*, OTEL_EXPORTER_OTLP_*) those packages read themselves.
 */
export function openTracing({ url, logger, source }: TracingOptions): Tracing {
  tellProblems(logger);
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'employee-gateway' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  const tracer = provider.getTracer('employee-gateway');
  const propagator = new W3CTraceContextPropagator();
  const { observer, stop } = traceOperations({ tracer, propagator, source });
  return {
    operations: observer,
    stop: async () => {
      stop();
      const limit = new Promise<void>((resolve) => setTimeout(resolve, flushLimitMs).unref());
      await Promise.race([provider.shutdown(), limit]).catch((error: unknown) => {
        logger.warn({ err: error }, 'The last spans could not be sent');
      });
    },
  };
}

const ignore = (): void => {};

/** A collector that is away is told of with each batch that it does not take: every five seconds. */
function tellProblems(logger: Logger): void {
  const warn = (message: string): void => logger.warn({ from: 'OpenTelemetry' }, message);
  diag.setLogger(
    { error: warn, warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
