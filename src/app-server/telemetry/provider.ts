import { context, DiagLogLevel, diag, type Tracer, trace } from '@opentelemetry/api';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  createAlwaysRecordSampler,
  ParentBasedSampler,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { createRandomFlagProcessor } from '../../telemetry/otel/random-flag.ts';
import { createSanitizingProcessor } from '../../telemetry/otel/sanitizing-processor.ts';
import { type CapturePolicy, capturePolicy } from '../../telemetry/policy/index.ts';
import { compileRules } from '../../telemetry/sanitize/redact-file.ts';
import { createSanitizer } from '../../telemetry/sanitize.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { Environment } from '../environment.ts';
import { createContextManager } from './context-manager.ts';
import { createEnvExporter, createMirrorExporter } from './exporters.ts';
import { createMirrorProcessor } from './mirror-processor.ts';
import { createReqIdProcessor } from './req-id-processor.ts';

const MIRROR_DELAY_MS = 100;
const MIRROR_QUEUE = 4_096;

export interface Tracing {
  readonly tracer: Tracer;
  readonly shutdown: () => Promise<void>;
}

const createResource = () =>
  defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'throughline-app-server', 'process.pid': process.pid }))
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));

const createPolicy = async ({ capture, redactRules }: Environment): Promise<CapturePolicy> =>
  capturePolicy(
    capture,
    createSanitizer(redactRules ? await compileRules(JSON.parse(redactRules)) : undefined),
  );

const createProcessors = (environment: Environment, diagnostics: Diagnostics): SpanProcessor[] => {
  const processors: SpanProcessor[] = [];
  if (environment.exportEnabled) {
    const exporter = createEnvExporter(environment.exportProtocol, diagnostics);
    if (exporter) processors.push(new BatchSpanProcessor({ exporter, ...environment.batch }));
  }
  if (environment.mirrorUrl) {
    const exporter = createMirrorExporter(environment.mirrorUrl, diagnostics);
    processors.push(
      createMirrorProcessor({ exporter, diagnostics, delayMs: MIRROR_DELAY_MS, maxQueue: MIRROR_QUEUE }),
    );
  }
  return processors;
};

/**
 * Makes the tracer. `extra` are processors of tests. With no destination at all nothing is recorded, and contexts are
 * still passed on: the API's own no-op tracer does that.
 */
export const createTracing = async (
  environment: Environment,
  diagnostics: Diagnostics,
  extra: readonly SpanProcessor[] = [],
): Promise<Tracing> => {
  context.setGlobalContextManager(createContextManager());
  const report = (level: 'warn' | 'error') => (message: string) =>
    diagnostics[level](`telemetry: ${message}`);
  const quiet = () => undefined;
  diag.setLogger(
    { error: report('error'), warn: report('warn'), info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const destinations = [...createProcessors(environment, diagnostics), ...extra];
  if (destinations.length === 0) {
    return { tracer: trace.getTracer('throughline.app-server'), shutdown: () => Promise.resolve() };
  }
  // The mirror wants every span; the exporter only what the parent, the gateway, has sampled.
  const sampler = createAlwaysRecordSampler(new ParentBasedSampler({ root: new AlwaysOnSampler() }));
  const provider = new TracerProvider({
    resource: createResource(),
    sampler,
    spanProcessors: [
      createRandomFlagProcessor(),
      createReqIdProcessor(),
      createSanitizingProcessor(await createPolicy(environment)),
      ...destinations,
    ],
  });
  return { tracer: provider.getTracer('throughline.app-server'), shutdown: () => provider.shutdown() };
};
