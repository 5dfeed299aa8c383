import type { AttributeSet, Exchange, NameModel, RelayAnswer, TraceSpan } from '../gateway/ports.ts';
import type { Api, RelayRequest } from '../gateway/relay.ts';
import {
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_CHOICE_COUNT,
  ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY,
  ATTR_GEN_AI_REQUEST_MAX_TOKENS,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY,
  ATTR_GEN_AI_REQUEST_SEED,
  ATTR_GEN_AI_REQUEST_STOP_SEQUENCES,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_REQUEST_TEMPERATURE,
  ATTR_GEN_AI_REQUEST_TOP_P,
  ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
  ATTR_GEN_AI_RESPONSE_ID,
  ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_OPENAI_API_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  usageAttributes,
} from '../telemetry/semconv.ts';
import { membersOf } from './http-upstream/json-shapes.ts';
import type { AnswerFacts } from './http-upstream/read-along/answer-facts.ts';
import type { UpstreamError } from './http-upstream/read-along/read-error.ts';
import type { ReadFrame } from './http-upstream/read-along/stream-reading.ts';

/** The API and the operation of each path that asks a model. */
const ASKING: Readonly<
  Record<string, { readonly api: Api; readonly operation?: string; readonly type?: string }>
> = {
  '/chat/completions': { api: 'chat', operation: 'chat', type: 'chat_completions' },
  '/completions': { api: 'completions', operation: 'text_completion' },
  '/responses': { api: 'responses', operation: 'chat', type: 'responses' },
  '/embeddings': { api: 'embeddings', operation: 'embeddings' },
  '/moderations': { api: 'moderations' },
};

const askingOf = ({ method, target }: RelayRequest) => {
  if (method !== 'POST') return undefined;
  if (Object.hasOwn(ASKING, target)) return ASKING[target];
  const path = target.replace(/\?.*$/s, '').replace(/(?<=.)\/$/, '');
  return Object.hasOwn(ASKING, path) ? ASKING[path] : undefined;
};

/** Whether a model answers this request. If not, such as for a stored response, its usage is not counted again. */
export const asksModel = (request: RelayRequest): boolean => askingOf(request) !== undefined;

const numberIn = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const textsIn = (value: unknown): readonly string[] | undefined => {
  if (value === undefined) return undefined;
  const texts = [value].flat().filter((text): text is string => typeof text === 'string');
  return texts.length > 0 ? texts : undefined;
};

/** The attributes for the parameters of a request. A parameter of the wrong type is left out. */
export const requestAttributes = (body: Readonly<Record<string, unknown>>, stream: boolean): AttributeSet => {
  const maxTokens = body['max_completion_tokens'] ?? body['max_output_tokens'] ?? body['max_tokens'];
  return {
    [ATTR_GEN_AI_REQUEST_STREAM]: stream || undefined,
    [ATTR_GEN_AI_REQUEST_TEMPERATURE]: numberIn(body['temperature']),
    [ATTR_GEN_AI_REQUEST_TOP_P]: numberIn(body['top_p']),
    [ATTR_GEN_AI_REQUEST_MAX_TOKENS]: numberIn(maxTokens),
    [ATTR_GEN_AI_REQUEST_SEED]: numberIn(body['seed']),
    [ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY]: numberIn(body['frequency_penalty']),
    [ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY]: numberIn(body['presence_penalty']),
    [ATTR_GEN_AI_REQUEST_STOP_SEQUENCES]: textsIn(body['stop']),
    [ATTR_GEN_AI_REQUEST_CHOICE_COUNT]: body['n'] === 1 ? undefined : numberIn(body['n']),
  };
};

/** Opens the span of phase 3. It starts when the whole request has been sent, since the model works from then on. */
export const openRelaySpan = (
  exchange: Exchange,
  { request, backend, running }: RelayAnswer,
  nameModel: NameModel,
): TraceSpan => {
  const asking = askingOf(request);
  return exchange.trace.phase('backend_io', {
    kind: 'CLIENT',
    startNs: running.sentNs,
    attributes: {
      [ATTR_GEN_AI_OPERATION_NAME]: asking?.operation,
      [ATTR_GEN_AI_PROVIDER_NAME]: backend.provider,
      [ATTR_GEN_AI_REQUEST_MODEL]: nameModel(running.model) ?? undefined,
      [ATTR_OPENAI_API_TYPE]: asking?.type,
      [ATTR_SERVER_ADDRESS]: running.server.address,
      [ATTR_SERVER_PORT]: running.server.port,
      ...(asking?.operation && requestAttributes(membersOf(request.value), request.stream)),
      'throughline.upstream.connect_ms': running.connectMs,
      'throughline.upstream.resends': running.resends,
    },
  });
};

/** Records the ids, the model, the usage and the finish reasons of an answer. */
export const recordFacts = (span: TraceSpan, { id, model, usage, finishReasons }: AnswerFacts): void =>
  span.set({
    [ATTR_GEN_AI_RESPONSE_ID]: id ?? undefined,
    [ATTR_GEN_AI_RESPONSE_MODEL]: model ?? undefined,
    [ATTR_GEN_AI_RESPONSE_FINISH_REASONS]: finishReasons.length > 0 ? finishReasons : undefined,
    ...(usage && usageAttributes(usage)),
  });

/** Records the error that the server, or a gateway in between, has reported. */
export const recordUpstreamError = (span: TraceSpan, told: UpstreamError): void => {
  const name = (member: string): string => `throughline.upstream.error.${member}`;
  span.set({
    [name('message')]: told.message ?? undefined,
    [name('code')]: told.code ?? undefined,
    [name('type')]: told.type ?? undefined,
    [name('request_id')]: told.requestId ?? undefined,
    [name('service')]: told.service ?? undefined,
    [name('cause')]: told.cause ?? undefined,
    [name('cause_type')]: told.causeType ?? undefined,
  });
};

/** Records when the parts of an answer came. */
export interface RelayTimes {
  head(status: number): void;
  /** A piece of the answer came. `bytes`: its size. */
  read(bytes: number): void;
  /** The first token came. Later calls do nothing. */
  token(): void;
  readonly firstTokenNs: bigint | null;
  /** The answer is over. Returns the milliseconds since the request began. */
  end(): number;
}

export const createRelayTimes = (
  span: TraceSpan,
  { requestedNs, sentNs }: RelayAnswer['running'],
): RelayTimes => {
  const sinceSent = (): number => Number(span.now() - sentNs) / 1e6;
  let bytes = 0;
  let lastByteMs: number | undefined;
  let headMs = 0;
  let firstTokenNs: bigint | null = null;
  const beforeSentMs = Number(sentNs - requestedNs) / 1e6;
  return {
    head(status) {
      headMs = sinceSent();
      span.set({ [ATTR_HTTP_RESPONSE_STATUS_CODE]: status, 'throughline.upstream.head_ms': headMs });
    },
    read(count) {
      bytes += count;
      lastByteMs = sinceSent();
    },
    token() {
      if (firstTokenNs !== null) return;
      firstTokenNs = span.now();
      span.set({
        [ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK]: Number(firstTokenNs - requestedNs) / 1e9,
        'throughline.upstream.first_token_ms': sinceSent(),
      });
    },
    get firstTokenNs() {
      return firstTokenNs;
    },
    end() {
      span.set({ 'throughline.upstream.bytes': bytes, 'throughline.upstream.last_byte_ms': lastByteMs });
      return beforeSentMs + (lastByteMs ?? headMs);
    },
  };
};

/** How many events are recorded between two rests: one read may hold tens of thousands, and each goes to several sinks. */
export const EVENTS_AT_A_TIME = 64;

/** Records the frames of a stream as events. */
export const recordFrames = (span: TraceSpan, times: RelayTimes, frames: readonly ReadFrame[]): void => {
  for (const { shown, bulk, hasToken } of frames) {
    if (hasToken) times.token();
    span.event('upstream_chunk', { payload: shown, bulk });
  }
};
