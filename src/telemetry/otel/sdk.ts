import { createRequire } from 'node:module';
import { logs } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { Span as SdkSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Sanitizer } from '../sanitize.ts';
import { ATTR_HTTP_RESPONSE_STATUS_CODE } from '../semconv.ts';
import { routeDiag, type TelemetryLog } from './diag.ts';
import { createSampler, namesMetricExporter } from './from-env.ts';
import { createLogExport, type LogExport } from './log-export.ts';
import { createPropagator, type TrustsSender } from './propagator.ts';
import { createRandomFlagProcessor } from './random-flag.ts';
import type { OtelEnv } from './variables.ts';
import type { WatchedExport } from './watched-export.ts';

interface SdkOptions {
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly env: OtelEnv;
  readonly resource: Resource;
  /** What takes the spans, in this order. */
  readonly processors: readonly SpanProcessor[];
  readonly sanitizer: Sanitizer;
  readonly trustsSender: TrustsSender;
  /** Takes OTEL_SDK_DISABLED and OTEL_LOG_LEVEL out of the process's environment. */
  readonly enableSdk: () => void;
  /** Stands before the exporter of log records. */
  readonly logWatch: WatchedExport;
  readonly log: TelemetryLog;
  /** Paths of our own loopback traffic, which is no request of anyone's. */
  readonly ignorePath: (path: string) => boolean;
}

const createHttpInstrumentation = (ignorePath: SdkOptions['ignorePath']): HttpInstrumentation =>
  new HttpInstrumentation({
    disableOutgoingRequestInstrumentation: true,
    ignoreIncomingRequestHook: (request) => ignorePath(request.url ?? ''),
    applyCustomAttributesOnSpan: (span, _request, response) => {
      // Where the client left before the head, the instrumentation reads Node's default of 200: nothing was sent.
      const unsent = 'headersSent' in response && !response.headersSent;
      if (unsent) delete (span as SdkSpan).attributes[ATTR_HTTP_RESPONSE_STATUS_CODE];
    },
  });

/** What this process is, as its spans and log records say. */
export const createResource = (serviceName: string, serviceVersion: string): Resource =>
  defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': serviceName,
        'service.version': serviceVersion,
        'process.pid': process.pid,
        'process.runtime.name': 'nodejs',
        'process.runtime.version': process.versions.node,
      }),
    )
    .merge(detectResources({ detectors: [envDetector, serviceInstanceIdDetector] }));

const ANY = Number.POSITIVE_INFINITY;

/** The SDK of this process, with the way of log records where there is one. */
export interface Sdk {
  readonly logExport: LogExport | null;
  shutdown(): Promise<void>;
}

/** Starts the one SDK of this process. Call once, before the HTTP server exists. */
export const startSdk = (options: SdkOptions): Sdk => {
  const logExport = createLogExport(options.env, options.logWatch);
  // NodeSDK would start nothing at all when disabled; here that means no exporter, and the mirror goes on.
  options.enableSdk();
  const sdk = new NodeSDK({
    resource: options.resource,
    autoDetectResources: false,
    sampler: createSampler(options.env),
    textMapPropagator: createPropagator(options.env, options.sanitizer, options.trustsSender),
    spanProcessors: [createRandomFlagProcessor(), ...options.processors],
    // Behind the sanitizer, which would not know half a secret as one; and events stand on no span here.
    spanLimits: { attributeValueLengthLimit: ANY, eventCountLimit: ANY, attributePerEventCountLimit: ANY },
    logRecordProcessors: logExport ? [logExport.processor] : [],
    // Left to itself NodeSDK sends metrics to a collector on localhost that nobody named.
    ...(!namesMetricExporter(options.env) && { metricReaders: [] }),
    instrumentations: [createHttpInstrumentation(options.ignorePath)],
  });
  routeDiag(options.env['OTEL_LOG_LEVEL'], options.log);
  sdk.start();
  // In ES modules nobody `require`s `http`, and the instrumentation patches it only then.
  createRequire(import.meta.url)('node:http');
  return {
    logExport: logExport?.open(logs.getLogger(options.serviceName, options.serviceVersion)) ?? null,
    shutdown: () => sdk.shutdown(),
  };
};
