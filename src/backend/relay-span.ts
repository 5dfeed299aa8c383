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

/** How requests that ask a model for something are called, by the path that they go to. */
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
  const path = target.replace(/\?.*$/s, '').replace(/(?<=.)\/$/, '');
  return method === 'POST' && Object.hasOwn(ASKING, path) ? ASKING[path] : undefined;
};

/** Whether a model makes the answer for this request: one that is told of again was counted when it was made. */
export const asksModel = (request: RelayRequest): boolean => askingOf(request) !== undefined;

const numberIn = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const textsIn = (value: unknown): readonly string[] | undefined => {
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

/** The span of phase 3. It begins when the request had been sent: from then on the model is at work. */
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

/** What the answer says of itself. */
export const recordFacts = (span: TraceSpan, { id, model, usage, finishReasons }: AnswerFacts): void =>
  span.set({
    [ATTR_GEN_AI_RESPONSE_ID]: id ?? undefined,
    [ATTR_GEN_AI_RESPONSE_MODEL]: model ?? undefined,
    [ATTR_GEN_AI_RESPONSE_FINISH_REASONS]: finishReasons.length > 0 ? finishReasons : undefined,
    ...(usage && usageAttributes(usage)),
  });

/** The words of the server, and of the gateways before this one. */
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

/** Says when what came. */
export interface RelayTimes {
  head(status: number): void;
  /** Bytes came. */
  read(bytes: number): void;
  /** The first part of the answer itself came. A second call does nothing. */
  token(): void;
  readonly firstTokenNs: bigint | null;
  /** All has come. Gives how long it took since the request was begun, in milliseconds. */
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
