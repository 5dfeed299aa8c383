import {
  collectorDefaults,
  composeFile,
  readCollector,
  readText,
  readYaml,
  type Service,
  withDefaults,
} from './support/stack-files.ts';

const compose = composeFile.parse(readYaml('docker-compose.yml'));
const services = Object.entries(compose.services);
const { collector } = compose.services;

test('a variable of the collector that is empty means the default of its configuration', () => {
  const defaults = collectorDefaults();
  // Below a warning it would tell every attempt to reach a Tempo that is not there.
  const expected = { ...defaults, COLLECTOR_LOG_LEVEL: 'warn' };
  for (const [name, value] of Object.entries(collector?.environment ?? {}))
    expect([name, value]).toEqual([name, `\${${name}:-${expected[name as keyof typeof expected]}}`]);
});

test('what may be undecided has room in the memory that the collector may take', () => {
  const defaults = collectorDefaults();
  const defaultOf = (name: string): number => Number(defaults[name]);
  // docs/sampling.md: what one undecided trace costs.
  const traces = defaultOf('TAIL_NUM_TRACES') * 75_000;
  const limit = (defaultOf('COLLECTOR_MEMORY_MIB') - defaultOf('COLLECTOR_MEMORY_SPIKE_MIB')) * 1024 * 1024;
  expect(traces).toBeGreaterThan(limit / 2);
  expect(traces).toBeLessThan(limit * 0.8);
  for (const name of ['TAIL_NUM_TRACES', 'COLLECTOR_MEMORY_MIB', 'COLLECTOR_MEMORY_SPIKE_MIB'])
    expect(Object.keys(collector?.environment ?? {})).toContain(name);
});

test('the container of the collector has room for the memory that it may take, and every container has a bound', () => {
  const mebibytes = ({ mem_limit }: Service): number => {
    const [, size, unit] = /^(\d+)([mg])$/.exec(withDefaults(mem_limit)) ?? [];
    return Number(size) * (unit === 'g' ? 1024 : 1);
  };
  const own = Number(collectorDefaults()['COLLECTOR_MEMORY_MIB']);
  expect(collector && mebibytes(collector)).toBeGreaterThanOrEqual(own * 1.5);
  for (const [, service] of services) expect(mebibytes(service)).toBeGreaterThan(0);
});

test('who may be missing is given up after a while, and no refusal of its queue reaches a sender', () => {
  const { exporters, processors, service } = readCollector();
  const timeOf = (name: string) => exporters[name]?.retry_on_failure?.max_elapsed_time;
  expect([timeOf('otlp_grpc/jaeger'), timeOf('otlp_grpc/tempo'), timeOf('otlp_http/loki')]).toEqual([
    '0s',
    '10m',
    '10m',
  ]);
  for (const { exporters: to, processors: through } of Object.values(service.pipelines)) {
    if (!to.some((name) => name.startsWith('otlp_'))) continue;
    expect(through.at(-1)).toMatch(/^(tail_sampling|batch\/logs)$/);
    expect(Object.keys(processors)).toContain(through.at(-1));
  }
});

test('every pipeline of the collector redacts names, attributes and messages', () => {
  const { pipelines } = readCollector().service;
  for (const [name, { processors }] of Object.entries(pipelines)) {
    // Metrics have numbers, and labels from what was redacted before.
    if (name === 'metrics') continue;
    const at = processors.indexOf('redaction');
    const three = ['transform/texts_to_attributes', 'redaction', 'transform/texts_back'];
    expect([name, ...processors.slice(at - 1, at + 2)]).toEqual([name, ...three]);
  }
});

test('the labels that are kept for metrics are the dimensions that the connectors make of them', () => {
  const kept = /keep_keys\(span\.attributes, (\[.*\])\)/.exec(readText('otel-collector.yaml'))?.[1] ?? '[]';
  for (const { dimensions } of Object.values(readCollector().connectors))
    expect(dimensions.map(({ name }) => name)).toEqual(JSON.parse(kept));
});
