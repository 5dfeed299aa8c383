import { ConfigError, readConfig } from '../../src/config/index.ts';

const refusal = (env: Record<string, string>): string => {
  try {
    readConfig(env);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message;
    throw thrown;
  }
  throw new Error(`${JSON.stringify(env)} was taken`);
};

test.each([
  ['PORT', '-1', '0 to 65535'],
  ['PORT', '65536', '0 to 65535'],
  ['PORT', '80.5', '0 to 65535'],
  ['PORT', '1e3', '0 to 65535'],
  ['PORT', '0x50', '0 to 65535'],
  ['PORT', 'http', '0 to 65535'],
  ['PROXY_TIMEOUT_MS', '0', '1 to 86400000'],
  ['PROXY_TIMEOUT_MS', '10s', '1 to 86400000'],
  ['PROXY_TIMEOUT_MS', '99999999999', '1 to 86400000'],
  ['PROXY_PROCESSES', '0', 'auto, or a whole number from 1 to 64'],
  ['PROXY_PROCESSES', '65', 'auto, or a whole number from 1 to 64'],
  ['PROXY_PROCESSES', 'many', 'auto, or a whole number from 1 to 64'],
  ['PROXY_WORKERS', '0', '1 to 64'],
  ['PROXY_WORKERS', '65', '1 to 64'],
  ['PROXY_MAX_RESTARTS', '0', 'whole number'],
  ['PROXY_CONNECT_TIMEOUT_MS', '0', 'whole number'],
  ['PROXY_FIRST_BYTE_TIMEOUT_MS', '5m', 'whole number'],
  ['PROXY_IDLE_TIMEOUT_MS', '-1', 'whole number'],
  ['PROXY_INTERRUPT_TIMEOUT_MS', 'never', 'whole number'],
  ['PROXY_MIRROR_MAX_BYTES', '33554431', '33554432 to'],
  ['PROXY_MIRROR_MAX_BYTES', '1GiB', '33554432 to'],
  ['PROXY_RETENTION_DAYS', '0', '1 to 36500'],
  ['PROXY_RETENTION_DAYS', '30d', '1 to 36500'],
  ['LOG_LEVEL', 'verbose', 'debug'],
  ['LOG_LEVEL', 'INFO', 'info'],
  ['LOG_PROTO', 'maybe', 'true or false'],
  ['PROXY_TRACE_REQUIRED', '2', 'true or false'],
  ['PROXY_ALLOW_ANONYMOUS', 'sure', 'true or false'],
  ['PROXY_CAPTURE', 'everything', 'full, metadata, off'],
  ['PROXY_BACKEND', 'magic', 'app-server, http'],
  ['PROXY_TRACE_TRUST', 'sometimes', 'always, authenticated, never'],
  ['PROXY_APP_SERVER_URL', 'http://127.0.0.1:4500', 'ws://'],
  ['PROXY_APP_SERVER_URL', '127.0.0.1:4500', 'ws://'],
  ['PROXY_UPSTREAM_URL', 'ftp://m.example', 'https://'],
  ['HOST', '0.0.0.0', 'PROXY_API_KEYS'],
  ['HOST', '::', 'PROXY_ALLOW_ANONYMOUS=true'],
  ['HOST', '192.168.1.5', 'loopback'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/json, http/protobuf'],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'json', 'http/json, http/protobuf'],
  ['OTEL_TRACES_SAMPLER', 'jaeger_remote', 'parentbased_traceidratio'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'from 0 to 1'],
  ['OTEL_TRACES_SAMPLER_ARG', 'half', 'from 0 to 1'],
  ['OTEL_LOGS_EXPORTER', 'console', 'a comma list of otlp, none'],
  ['OTEL_TRACES_EXPORTER', 'zipkin', 'otlp'],
  ['OTEL_EXPORTER_OTLP_LOGS_PROTOCOL', 'grpc', 'http/json, http/protobuf'],
  ['OTEL_LOGS_EXPORTER', 'loki', 'otlp'],
  ['OTEL_PROPAGATORS', 'tracecontext,xray', 'a comma list of tracecontext, baggage, b3, b3multi, none'],
  ['OTEL_BLRP_MAX_QUEUE_SIZE', '0', 'whole number'],
  ['OTEL_BLRP_SCHEDULE_DELAY', '5s', 'whole number'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', 'big', 'whole number'],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '-5', 'whole number'],
  ['OTEL_BSP_SCHEDULE_DELAY', '5s', 'whole number'],
  ['OTEL_BSP_EXPORT_TIMEOUT', '1.5', 'whole number'],
  ['OTEL_SPAN_EVENT_COUNT_LIMIT', 'many', 'whole number'],
])('%s=%s is refused in one line that names both, and what is allowed', (name, value, allowed) => {
  const message = refusal({ [name]: value });
  expect(message).toContain(`${name}=${value}`);
  expect(message).toContain(allowed);
  expect(message).not.toContain('\n');
});

test.each(['PROXY_METRICS_TOKEN'])(
  '%s, whose feature is not built yet, is refused by name, and its value is not shown',
  (name) => {
    const message = refusal({ [name]: 'sk-something' });
    expect(message).toContain(name);
    expect(message).toContain('not');
    expect(message).not.toContain('sk-something');
  },
);

test.each(['alice:', ':sk-secret', 'sk-fine,bob:', ' : ', ',', ' , '])(
  'keys that cannot be read (%j) are never shown',
  (keys) => {
    const message = refusal({ PROXY_API_KEYS: keys });
    expect(message).toContain('PROXY_API_KEYS');
    expect(message).toContain('name:key');
    expect(message).not.toMatch(/sk-|alice|bob/);
  },
);

test.each([
  ['PROXY_APP_SERVER_URL', 'ws://user:hunter2@127.0.0.1'],
  ['PROXY_UPSTREAM_URL', 'https://user:hunter2@m.example'],
  ['PROXY_UPSTREAM_URL', 'ftp://user:hunter2@m.example'],
])('credentials in %s are refused and never shown', (name, value) => {
  expect(refusal({ [name]: value })).toContain(name);
  expect(refusal({ [name]: value })).not.toContain('hunter2');
});

test('only one backend can be the backend', () => {
  const url = { PROXY_APP_SERVER_URL: 'ws://127.0.0.1:1' };
  expect(refusal({ ...url, CODEX_BIN: 'codex' })).toContain('PROXY_APP_SERVER_URL');
});

test('the echo model breaks things on request in development alone, and where nothing else answers', () => {
  const faults = { PROXY_ECHO_FAULTS: 'true' };
  expect([readConfig({}).echoFaults, readConfig(faults).echoFaults]).toEqual([false, true]);
  const others = [
    { PROXY_ENV: 'production' },
    { CODEX_BIN: 'codex' },
    { PROXY_APP_SERVER_URL: 'ws://127.0.0.1:1' },
    { PROXY_UPSTREAM_URL: 'http://127.0.0.1:1' },
  ];
  for (const other of others)
    expect(refusal({ ...faults, ...other })).toMatch(/^PROXY_ECHO_FAULTS=true .*dev/);
});

test('full capture is for development alone', () => {
  const message = refusal({ PROXY_ENV: 'production', PROXY_CAPTURE: 'full' });
  expect(message).toMatch(/^PROXY_CAPTURE=full .*metadata or off/);
  expect(() => readConfig({ PROXY_ENV: 'production', PROXY_CAPTURE: 'off' })).not.toThrow();
});

test('a trace cannot be required where there is no mirror', () => {
  expect(refusal({ PROXY_TRACE_REQUIRED: 'true', LOG_PROTO: 'false' })).toMatch(
    /^PROXY_TRACE_REQUIRED=true .*LOG_PROTO/,
  );
  expect(refusal({ PROXY_TRACE_REQUIRED: 'true', PROXY_ENV: 'production' })).toContain('LOG_PROTO');
});
