import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  createAlwaysRecordSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { DEFAULT_SAMPLER, type SamplerName } from '../settings.ts';
import { given, isDisabled, type OtelEnv } from './variables.ts';

/** Whether somebody asked for metrics; then NodeSDK composes them by itself. */
export const namesMetricExporter = (env: OtelEnv): boolean =>
  !isDisabled(env) && given(env, 'OTEL_METRICS_EXPORTER') !== undefined;

const createHeadSampler = (env: OtelEnv): Sampler => {
  const name = (given(env, 'OTEL_TRACES_SAMPLER') ?? DEFAULT_SAMPLER) as SamplerName;
  const ratio = () => new TraceIdRatioBasedSampler(Number(given(env, 'OTEL_TRACES_SAMPLER_ARG') ?? 1));
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return ratio();
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: ratio() });
  }
};

/** Head sampling, by `OTEL_TRACES_SAMPLER`, decides what is exported; the mirror and the metrics see every span. */
export const createSampler = (env: OtelEnv): Sampler => createAlwaysRecordSampler(createHeadSampler(env));
