import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPrometheus } from './debian-prometheus.ts';
import { fetchJson } from './poll.ts';
import { freePorts } from './ports.ts';
import { type Service, startService } from './service.ts';

export type Prometheus = { url: string; configPath: string; service: Service };

type Labels = Record<string, string>;
export type Sample = { labels: Labels; value: number };
type QueryAnswer = { data: { result: { metric: Labels; value: [number, string] }[] } };
type ExemplarAnswer = { data: { exemplars: { labels: Labels; timestamp: number }[] }[] };

/** Prometheus, which reads the collector's span metrics and its own metrics each second. */
export const startPrometheus = async (
  folder: string,
  ports: { spanMetrics: number; metrics: number },
): Promise<Prometheus> => {
  const configPath = join(folder, 'prometheus.yml');
  const job = (name: string, port: number) =>
    `  - job_name: ${name}\n    static_configs:\n      - targets: ['127.0.0.1:${port}']\n`;
  const jobs = job('span-metrics', ports.spanMetrics) + job('collector', ports.metrics);
  await writeFile(
    configPath,
    `global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\nscrape_configs:\n${jobs}`,
  );
  const held = await freePorts(1);
  const address = `127.0.0.1:${held.ports[0]}`;
  const programs = await findPrometheus();
  await held.release();
  const service = await startService({
    file: programs?.prometheus ?? 'prometheus',
    args: [
      `--config.file=${configPath}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=${address}`,
      '--enable-feature=exemplar-storage',
    ],
    readyUrl: `http://${address}/-/ready`,
  });
  return { url: `http://${address}`, configPath, service };
};

export const queryMetric = async (url: string, query: string): Promise<Sample[]> => {
  const answer = await fetchJson<QueryAnswer>(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
  return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
};

/** The exemplars of the last hour. */
export const queryExemplars = async (url: string, query: string): Promise<Labels[]> => {
  const now = Date.now() / 1000;
  const parameters = new URLSearchParams({ query, start: String(now - 3600), end: String(now + 60) });
  const answer = await fetchJson<ExemplarAnswer>(`${url}/api/v1/query_exemplars?${parameters}`);
  return answer.data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels));
};
