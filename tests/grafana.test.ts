import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Dashboard, expressionsOf, panelsOf } from './compose/dashboard.ts';
import { ROOT } from './support/source-tree.ts';
import { collectorPorts, composeFile, readCollector, readText, readYaml } from './support/stack-files.ts';

type Source = { name: string; uid: string; type: string; url: string; jsonData: unknown };
const { datasources } = readYaml('grafana/provisioning/datasources/throughline.yaml') as {
  datasources: Source[];
};
const uids = datasources.map(({ uid }) => uid);
const collector = readCollector();
const compose = composeFile.parse(readYaml('docker-compose.yml'));

/** Every value of this key, however deep. */
const valuesOf = (key: string, value: unknown): unknown[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => [
        ...(name === key ? [inner] : []),
        ...valuesOf(key, inner),
      ])
    : [];

const UNITS: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds' };

/** The names that the collector's connectors give their metrics in Prometheus. */
const madeMetrics = Object.values(collector.connectors).flatMap(({ namespace, histogram }) => {
  const prefix = namespace.replaceAll('.', '_');
  const duration = `${prefix}_duration_${UNITS[histogram.unit]}`;
  return [`${prefix}_calls_total`, ...['bucket', 'count', 'sum'].map((part) => `${duration}_${part}`)];
});

/** The labels that they have: those of the connector, and the dimensions of the configuration. */
const madeLabels = new Set([
  ...['service_name', 'span_name', 'span_kind', 'status_code', 'le', 'job'],
  ...Object.values(collector.connectors).flatMap(({ dimensions }) =>
    dimensions.map(({ name }) => name.replaceAll('.', '_')),
  ),
]);

const metricsIn = (query: string): string[] => query.match(/\bthroughline_\w+/g) ?? [];
const labelsIn = (query: string): string[] => [
  ...[...query.matchAll(/\{([^}]*)\}/g)].flatMap(([, inner = '']) =>
    [...inner.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label),
  ),
  ...[...query.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  ),
];

const files = readdirSync(join(ROOT, 'grafana/dashboards')).filter((file) => file.endsWith('.json'));
const dashboards = files.map((file): [string, Dashboard] => [
  file,
  JSON.parse(readText(`grafana/dashboards/${file}`)),
]);

test('each of the four has a data source, at a service of the compose file', () => {
  expect(uids.toSorted()).toEqual(['jaeger', 'loki', 'prometheus', 'tempo']);
  for (const { url } of datasources) {
    const { hostname, port } = new URL(url);
    expect(compose.services[hostname]?.ports.map((text) => text.split(':').at(-1))).toContain(port);
  }
});

test('the ways between data sources lead to one that is there', () => {
  const targets = valuesOf('datasourceUid', datasources) as string[];
  expect(targets.filter((uid) => !uids.includes(uid))).toEqual([]);
  expect(new Set(targets)).toEqual(new Set(['jaeger', 'loki', 'prometheus']));
});

test('no service map is offered, since nothing makes its metrics', () => {
  expect(valuesOf('serviceMap', datasources)).toEqual([]);
});

test('the metrics that data sources ask for are made by the collector', () => {
  const asked = metricsIn(JSON.stringify(datasources));
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter((name) => !madeMetrics.includes(name))).toEqual([]);
});

test.each(dashboards)(
  '%s asks data sources that are there for metrics and labels that the collector makes',
  (_, dashboard) => {
    const used = valuesOf('uid', [dashboard.panels, dashboard.templating]);
    expect(used.filter((uid) => !uids.includes(String(uid)))).toEqual([]);
    const variables = dashboard.templating.list.map(({ definition = '' }) => definition);
    const queries = [...expressionsOf(dashboard), ...variables];
    const metrics = queries.flatMap(metricsIn);
    expect(metrics.length).toBeGreaterThan(0);
    expect(metrics.filter((name) => !madeMetrics.includes(name))).toEqual([]);
    expect(queries.flatMap(labelsIn).filter((label) => !madeLabels.has(label))).toEqual([]);
  },
);

test.each(dashboards)(
  '%s has panels with ids and titles of their own, and a row for each group',
  (_, dashboard) => {
    const panels = panelsOf(dashboard);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    expect(panels.filter(({ type, targets }) => type !== 'row' && !targets?.length)).toEqual([]);
  },
);

test('a request is found by its id in Jaeger, Tempo and Loki', () => {
  const panels = dashboards.flatMap(([, dashboard]) => panelsOf(dashboard));
  const finders = panels
    .flatMap(({ targets = [] }) => targets)
    .filter((target) => /req_id ?=/.test(JSON.stringify(target)));
  expect(finders.map(({ datasource }) => datasource?.uid)).toEqual(['jaeger', 'tempo', 'loki']);
});

test('Prometheus scrapes the metrics of spans and those of the collector itself', () => {
  type Scrape = {
    scrape_configs: { scrape_interval?: string; static_configs: { targets: string[] }[] }[];
  };
  const { scrape_configs } = readYaml('prometheus/prometheus.yml') as Scrape;
  const { spanMetrics, ownMetrics } = collectorPorts(collector);
  expect(
    scrape_configs.flatMap(({ static_configs }) => static_configs.flatMap(({ targets }) => targets)),
  ).toEqual([spanMetrics, ...ownMetrics].map((port) => `collector:${port}`));
  // An exemplar is shown for one flush interval of the collector's.
  const [, flush] = /SPAN_METRICS_INTERVAL:-(\d+)s/.exec(readText('otel-collector.yaml')) ?? [];
  const every = Number(scrape_configs[0]?.scrape_interval?.replace('s', ''));
  expect(every * 2).toBeLessThan(Number(flush));
  expect(compose.services['prometheus']?.command).toContain('--enable-feature=exemplar-storage');
});
