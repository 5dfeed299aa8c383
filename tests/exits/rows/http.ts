import type { Outcome } from '../../../src/telemetry/phases.ts';
import { UPSTREAM_MODEL } from '../../support/upstream-server.ts';
import { type Bytes, chat, completion, post, request, response, stream } from '../requests.ts';
import { completed, failedLate, type Profile, type Row, reads, refused, type Stage } from '../row.ts';
import { createExitUpstream, type ExitUpstream } from '../upstream.ts';
import { REPLIES, RETRY_AFTER } from '../upstream-replies.ts';
import type { Response } from '../wire.ts';

const on = { model: UPSTREAM_MODEL };
export const streams = (word: string, more: object = {}): Bytes => stream(`[[${word}]]`, { ...on, ...more });
export const whole = (word: string, more: object = {}): Bytes => chat(`[[${word}]]`, { ...on, ...more });

type Env = Readonly<Record<string, string>>;

/** Has something ended with the profile. */
export type Keep = (close: () => Promise<unknown>) => void;

interface UpstreamOptions {
  /** The gateway's environment; by default the server is its only backend. */
  readonly env?: (url: string, keep: Keep) => Promise<Env> | Env;
  readonly ends?: boolean;
}

/** A gateway whose backend is a server of ours. */
export const withUpstream = (
  name: string,
  rowsOf: (upstream: () => ExitUpstream) => readonly Row[],
  { env = (url) => ({ PROXY_UPSTREAM_URL: url }), ends = false }: UpstreamOptions = {},
): Profile => {
  const closing: (() => Promise<unknown>)[] = [];
  let running: ExitUpstream | undefined;
  const upstream = (): ExitUpstream => {
    if (!running) throw new Error('the server is not there yet');
    return running;
  };
  return {
    name,
    ends,
    rows: rowsOf(upstream),
    async open() {
      running = await createExitUpstream(REPLIES);
      closing.push(running.close);
      return env(running.url, (close) => closing.push(close));
    },
    turnEnd: (reqId) => upstream().endOf(reqId),
    close: () => Promise.all(closing.map((close) => close())),
  };
};

/** Fails where the client did not get what the row is about. */
const having =
  (run: Row['run'], fits: (got: Response, stage: Stage) => boolean): Row['run'] =>
  async (stage) => {
    const got = await run(stage);
    if (!fits(got, stage)) throw new Error(`not what the row is about: ${JSON.stringify(got)}`);
    return got;
  };

const embeddings = (word: string): Bytes => post('/v1/embeddings', { ...on, input: `[[${word}]]` });

export const httpAnswers = withUpstream('http-answers', (upstream) => [
  {
    name: 'with a streamed answer of a server',
    run: reads(streams('stream')),
    expected: completed('stream, [DONE]'),
  },
  { name: 'with a plain answer of a server', run: reads(whole('plain')), expected: completed('JSON') },
  {
    name: 'with a streamed answer of a server in the Responses API',
    run: reads(response('[[response-stream]]', { ...on, stream: true })),
    expected: completed('stream, response.completed'),
  },
  {
    name: 'with the models of a server',
    run: reads(request({ path: '/v1/models' })),
    expected: completed('JSON', { phases: '++-++', usage: 'missing', finish: null }),
  },
  {
    name: 'with embeddings of a server',
    run: reads(embeddings('embeddings')),
    expected: completed('JSON', { finish: null }),
  },
  {
    name: 'with a plain answer of a server that had closed the connection under the request, and was asked again',
    run: having(
      async (stage) => {
        await reads(whole('kept-plain'))({ ...stage, reqId: `${stage.reqId}:before` });
        return reads(whole('kept-reset'))(stage);
      },
      (_, { reqId }) => upstream().count(reqId) === 2,
    ),
    expected: completed('JSON'),
    alone: true,
  },
  {
    name: 'with a stream of a server that does not say [DONE]',
    run: reads(streams('no-done')),
    expected: completed('stream, ended'),
  },
]);

const byStatus: readonly (readonly [status: number, code: string, outcome: Outcome])[] = [
  [400, 'backend_refused_request', 'invalid_request'],
  [401, 'backend_error', 'backend_error'],
  [403, 'backend_error', 'backend_error'],
  [404, 'model_not_found', 'not_found'],
  [422, 'backend_refused_request', 'invalid_request'],
  [429, 'rate_limit_exceeded', 'rate_limited'],
  [500, 'backend_error', 'backend_error'],
  [503, 'backend_overloaded', 'overloaded'],
  [504, 'backend_timeout', 'timeout'],
];

const refusedBy = byStatus.flatMap(([status, code, outcome]): Row[] => {
  const expected = refused(status, code, outcome, '++!++');
  const run = (bytes: Bytes) =>
    having(
      reads(bytes),
      ({ headers }) => headers['retry-after'] === (status === 429 ? RETRY_AFTER : undefined),
    );
  return [
    { name: `because the server answers ${status}`, run: run(whole(`refuse-${status}`)), expected },
    {
      name: `because the server answers ${status} where a stream was asked for`,
      run: run(streams(`refuse-${status}`)),
      expected,
    },
  ];
});

export const httpRefusals = withUpstream('http-refusals', () => [
  ...refusedBy,
  {
    name: 'because the server answers 500 in words of its own',
    run: reads(whole('text')),
    expected: refused(500, 'backend_error', 'backend_error', '++!++', { answer: 'text' }),
  },
  {
    name: 'because the server refuses to embed',
    run: reads(embeddings('refuse-400')),
    expected: refused(400, 'backend_refused_request', 'invalid_request', '++!++'),
  },
  {
    name: 'because the server tells of an error in mid-stream',
    run: reads(streams('error-in-stream')),
    expected: failedLate('backend_error', 'backend_error'),
  },
  {
    name: 'because the server tells of an error in mid-stream, and says [DONE]',
    run: reads(streams('error-and-done')),
    expected: failedLate('backend_error', 'backend_error'),
  },
  {
    name: 'because the server answers an error with 200',
    run: reads(whole('error-with-200')),
    expected: failedLate('rate_limit_exceeded', 'rate_limited', { answer: 'error', phases: '++!++' }),
  },
  {
    name: 'because the server answers an error in JSON where a stream was asked for',
    run: reads(streams('error-with-200')),
    expected: failedLate('rate_limit_exceeded', 'rate_limited', { answer: 'error', phases: '++!++' }),
  },
  {
    name: 'with a plain answer of a server where a stream was asked for',
    run: reads(streams('plain')),
    expected: completed('JSON'),
  },
  {
    name: 'because its body is no JSON, whatever the server takes',
    run: reads(post('/v1/chat/completions', '{"model":')),
    expected: refused(400, 'invalid_json', 'invalid_request'),
  },
  {
    name: 'because its body is no JSON object, whatever the server takes',
    run: reads(post('/v1/chat/completions', '[]')),
    expected: refused(400, 'invalid_type', 'invalid_request'),
  },
  {
    name: 'because its body is too long, whatever the server takes',
    run: reads(post('/v1/chat/completions', `{"model":"${'x'.repeat(13 * 1024 * 1024)}"}`)),
    expected: refused(413, 'request_too_large', 'invalid_request'),
  },
  {
    name: 'because the server takes no such path',
    run: reads(request({ path: '/v1/nowhere' })),
    expected: refused(404, 'route_not_found', 'not_found'),
  },
]);

export const httpBreaks = withUpstream('http-breaks', () => [
  {
    name: 'because the server closes a new connection before its answer',
    run: reads(streams('resets')),
    expected: refused(502, 'backend_error', 'backend_error', '++!++'),
  },
  {
    name: 'because the server does not answer in HTTP',
    run: reads(whole('not-http')),
    expected: refused(502, 'backend_error', 'backend_error', '++!++'),
  },
  {
    name: 'because the server breaks its stream off between two events',
    run: reads(streams('cut-at-frame')),
    expected: failedLate('backend_error', 'backend_error'),
  },
  {
    name: 'because the server breaks its stream off within an event',
    run: reads(streams('cut-in-frame', { stream_options: { include_usage: true } })),
    expected: failedLate('backend_error', 'backend_error', { answer: 'stream, cut' }),
  },
  {
    name: 'because the server breaks its stream off within an event of which the client has got nothing',
    run: reads(streams('cut-in-frame')),
    expected: failedLate('backend_error', 'backend_error'),
  },
  {
    name: 'because the server breaks its plain answer off',
    run: reads(whole('half-and-cut')),
    expected: refused(502, 'backend_error', 'backend_error', '++!++'),
  },
  {
    name: 'because the server ends its stream before its answer is whole',
    run: reads(streams('no-terminal')),
    expected: failedLate('backend_error', 'backend_error', { answer: 'stream, ended' }),
  },
  {
    name: 'because the server breaks its stream of the Completions API off',
    run: reads(completion('[[cut-at-frame]]', { ...on, stream: true })),
    expected: failedLate('backend_error', 'backend_error'),
  },
  {
    name: 'because the server breaks its stream of the Responses API off',
    run: reads(response('[[cut-at-frame]]', { ...on, stream: true })),
    expected: failedLate('backend_error', 'backend_error'),
  },
]);
