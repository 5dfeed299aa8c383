import { serviceNameOr } from '../../src/telemetry/otel/service-name.ts';

const { env } = process;
afterEach(() => {
  process.env = env;
});

test.each([
  [{}, 'given'],
  [{ OTEL_SERVICE_NAME: '' }, 'given'],
  [{ OTEL_SERVICE_NAME: 'far' }, 'far'],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=near,a=b' }, 'near'],
  [{ OTEL_SERVICE_NAME: 'far', OTEL_RESOURCE_ATTRIBUTES: 'service.name=near' }, 'far'],
])('with %j the process is called %s', (variables, name) => {
  process.env = variables;
  expect(serviceNameOr('given')).toBe(name);
});
