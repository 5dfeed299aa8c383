import { detectResources, envDetector } from '@opentelemetry/resources';

/** What this process is called: by `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES`, else as given. */
export const serviceNameOr = (given: string): string => {
  const name = detectResources({ detectors: [envDetector] }).attributes['service.name'];
  return typeof name === 'string' && name !== '' ? name : given;
};
