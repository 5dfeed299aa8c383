/** Sends a request to the gateway of the compose file, finds it in Jaeger by its id and in Prometheus, and prints the id. */
import { readFile } from 'node:fs/promises';
import { PHASES } from '../../src/telemetry/phases.ts';
import { type FoundSpan, findRequest, hasSpans } from '../stack/support/jaeger-query.ts';
import { poll } from '../stack/support/poll.ts';
import { queryExemplars, queryMetric, type Sample } from '../stack/support/prometheus.ts';
import { expressionsOf } from './dashboard.ts';

const port = (name: string): string => `http://127.0.0.1:${process.env[name]}`;
const GATEWAY = port('THROUGHLINE_PORT');
const JAEGER = port('JAEGER_PORT');
const PROMETHEUS = port('PROMETHEUS_PORT');

const say = (text: string): void => void process.stderr.write(`compose: ${text}\n`);

/** Asks until the answer is there, and says how long that took. */
const until = async <T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> => {
  const started = Date.now();
  const answer = await poll(what, ask, { timeoutMs: 90_000, everyMs: 500 });
  say(`${what}, after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return answer;
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

/** A trace that is there in whole: the five phases, and spans of the app-server. */
const findInJaeger = (reqId: string): Promise<FoundSpan[]> =>
  until(`${reqId} is in Jaeger with its phases and the app-server's spans`, async () => {
    const spans = await findRequest(JAEGER, reqId);
    const isWhole =
      hasSpans(...PHASES)(spans) && spans.some(({ service }) => service === 'throughline-app-server');
    return isWhole && spans;
  });

const query = (expression: string): Promise<Sample[]> => queryMetric(PROMETHEUS, expression);

const findInPrometheus = async (): Promise<void> => {
  await until('Prometheus reaches the collector', async () => {
    const up = await query('up');
    return up.length >= 2 && up.every(({ value }) => value === 1) && up;
  });
  const count = 'sum(throughline_span_calls_total{service_name="throughline", span_name="usage_summary"})';
  await until('both requests are counted in Prometheus', async () => {
    const [counted] = await query(count);
    return (counted?.value ?? 0) >= 2 && counted;
  });
  // An exemplar is shown for one interval only, so requests go on until Prometheus has caught one of them.
  await until('a duration has the trace id of an exemplar', async () => {
    await chat('an example');
    const exemplars = await queryExemplars(PROMETHEUS, 'throughline_span_duration_seconds_bucket');
    return exemplars.find((labels) => labels['trace_id']);
  });
};

/** Each query of the dashboard, on the real data: it must be valid, and most have something to show. */
const askLikeTheDashboard = async (): Promise<void> => {
  const path = new URL('../../grafana/dashboards/throughline.json', import.meta.url);
  const expressions = expressionsOf(JSON.parse(await readFile(path, 'utf8')));
  // A first and a second value are needed for a rate.
  const filled = await until('the queries of the dashboard have data', async () => {
    const answers = await Promise.all(expressions.map(query));
    return answers.every(({ length }) => length > 0) && answers.length;
  });
  say(`${filled} queries of the dashboard gave series`);
};

const reqId = await chat('hello there');
await chat('/fail serverOverloaded');
const spans = await findInJaeger(reqId);
say(`trace ${spans[0]?.traceId} has ${spans.length} spans`);
await findInPrometheus();
await askLikeTheDashboard();
process.stdout.write(`${reqId}\n`);
