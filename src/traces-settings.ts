import { z } from 'zod';

/** Whether spans are sent and where, by the names that OpenTelemetry gives these settings. */
export interface TracesSettings {
  readonly otelExporterOtlpEndpoint: string | null;
  readonly otelExporterOtlpTracesEndpoint: string | null;
  readonly otelSdkDisabled: string | null;
}

const url = z
  .string()
  .refine((text) => /^https?:/.test(text) && URL.canParse(text), {
    error: 'give a URL, such as http://127.0.0.1:4318',
  })
  .nullable()
  .default(null);

/** What else OpenTelemetry has, its packages read themselves. */
export const tracesShape = {
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url,
  OTEL_SDK_DISABLED: z.string().nullable().default(null),
};

/** Where spans are sent; null for nowhere. */
export function tracesUrlOf(settings: TracesSettings): string | null {
  const { otelExporterOtlpEndpoint: common, otelExporterOtlpTracesEndpoint: exact } = settings;
  if (settings.otelSdkDisabled?.toLowerCase() === 'true') return null;
  return exact ?? (common === null ? null : `${common.replace(/\/$/, '')}/v1/traces`);
}
