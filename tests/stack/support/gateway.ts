import { PHASES } from '../../../src/telemetry/phases.ts';
import { type GatewayProcess, startGateway } from '../../support/gateway.ts';
import { type FoundSpan, hasSpans } from './jaeger-query.ts';

export const MODEL = 'throughline-echo';

export const SERVER = 'POST /v1/chat/completions';

/** A gateway that sends to this collector, and soon. */
export const startTracedGateway = (
  otlpUrl: string,
  env: Record<string, string> = {},
): Promise<GatewayProcess> =>
  startGateway({ OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl, OTEL_BSP_SCHEDULE_DELAY: '200', ...env });

/** The request as the gateway and the embedded app-server tell it: the last spans of both have come. */
export const isWhole = (spans: readonly FoundSpan[]): boolean =>
  hasSpans(SERVER, ...PHASES, 'app_server.turn', 'model_request')(spans);

/** Whether a span is below another one, however far. */
export const isBelow = (span: FoundSpan, above: FoundSpan, spans: readonly FoundSpan[]): boolean => {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return parent !== undefined && (parent === above || isBelow(parent, above, spans));
};

export const one = (spans: readonly FoundSpan[], name: string): FoundSpan => {
  const found = spans.filter((span) => span.name === name && span.service === 'throughline');
  expect(found.map((span) => span.name)).toEqual([name]);
  return found[0] as FoundSpan;
};
