/** Sends a request to the gateway of the compose file, finds it in Jaeger by its id and in Prometheus, and prints the id. */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { expressionsOf } from './dashboard.ts';

const port = (name: string): string => `http://127.0.0.1:${process.env[name]}`;
const GATEWAY = port('THROUGHLINE_PORT');
const JAEGER = port('JAEGER_PORT');
const PROMETHEUS = port('PROMETHEUS_PORT');
const PHASES = ['http_ingress', 'backend_submission', 'backend_io', 'client_egress', 'usage_summary'];

const say = (text: string): void => void process.stderr.write(`compose: ${text}\n`);

/** Asks until the answer is there; fails with what was seen last. */
const until = async <T>(what: string, ask: () => Promise<T | undefined>): Promise<T> => {
  const started = Date.now();
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) {
      say(`${what}, after ${((Date.now() - started) / 1000).toFixed(1)} s`);
      return answer;
    }
    if (Date.now() - started > 90_000) throw new Error(`not within 90 s: ${what}`);
    await pause(500);
  }
};

const json = async <T>(url: string): Promise<T> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${response.status} from ${url}: ${await response.text()}`);
  return (await response.json()) as T;
};

const chat = async (content: string): Promise<string> => {
  const response = await fetch(`${GATEWAY}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'throughline-echo', stream: true, messages: [{ role: 'user', content }] }),
  });
  const body = await response.text();
  const ended = body.includes('data: [DONE]') ? 'to its [DONE]' : 'and failed';
  const reqId = response.headers.get('x-request-id') ?? '';
  say(`${reqId} was answered with ${response.status} and streamed ${ended}`);
  return reqId;
};

type Trace = {
  traceID: string;
  spans: { operationName: string; processID: string }[];
  processes: Record<string, { serviceName: string }>;
};

/** A trace that is there in whole: the five phases, and spans of the app-server. */
const findInJaeger = (reqId: string): Promise<Trace> =>
  until(`${reqId} is in Jaeger with its phases and the app-server's spans`, async () => {
    const tags = encodeURIComponent(JSON.stringify({ req_id: reqId }));
    const { data } = await json<{ data: Trace[] }>(`${JAEGER}/api/traces?service=throughline&tags=${tags}`);
    return data.find(({ spans, processes }) => {
      const names = spans.map(({ operationName }) => operationName);
      const services = Object.values(processes).map(({ serviceName }) => serviceName);
      return PHASES.every((phase) => names.includes(phase)) && services.includes('throughline-app-server');
    });
  });

type Sample = { metric: Record<string, string>; value: [number, string] };

const query = async (expression: string): Promise<Sample[]> => {
  const url = `${PROMETHEUS}/api/v1/query?query=${encodeURIComponent(expression)}`;
  return (await json<{ data: { result: Sample[] } }>(url)).data.result;
};

const value = (samples: Sample[]): number => Number(samples[0]?.value[1] ?? 0);

const findInPrometheus = async (): Promise<void> => {
  await until('Prometheus reaches the collector', async () => {
    const up = await query('up');
    return up.length >= 2 && up.every((sample) => sample.value[1] === '1') ? up : undefined;
  });
  const count = 'sum(throughline_span_calls_total{service_name="throughline", span_name="usage_summary"})';
  await until('both requests are counted in Prometheus', async () =>
    value(await query(count)) >= 2 ? true : undefined,
  );
  const url = `${PROMETHEUS}/api/v1/query_exemplars?query=throughline_span_duration_seconds_bucket&start=${Date.now() / 1000 - 600}&end=${Date.now() / 1000 + 60}`;
  // An exemplar is shown for one interval only, so requests go on until Prometheus has caught one of them.
  await until('a duration has the trace id of an exemplar', async () => {
    await chat('an example');
    const { data } = await json<{ data: { exemplars: { labels: { trace_id?: string } }[] }[] }>(url);
    return data.find(({ exemplars }) => exemplars.some(({ labels }) => labels.trace_id));
  });
};

/** Each query of the dashboard, on the real data: it must be valid, and most have something to show. */
const askLikeTheDashboard = async (): Promise<void> => {
  const path = new URL('../../grafana/dashboards/throughline.json', import.meta.url);
  const expressions = expressionsOf(JSON.parse(await readFile(path, 'utf8')));
  // A first and a second value are needed for a rate.
  const filled = await until('the queries of the dashboard have data', async () => {
    const answers = await Promise.all(expressions.map((expression) => query(expression)));
    const empty = expressions.filter((_, index) => answers[index]?.length === 0);
    return empty.length === 0 ? answers.length : undefined;
  });
  say(`${filled} queries of the dashboard gave series`);
};

const reqId = await chat('hello there');
await chat('/fail serverOverloaded');
const { traceID, spans } = await findInJaeger(reqId);
say(`trace ${traceID} has ${spans.length} spans`);
await findInPrometheus();
await askLikeTheDashboard();
process.stdout.write(`${reqId}\n`);
