import type { TurnError } from '../../../app-server-protocol/index.ts';
import { type AppServerTelemetry, errorTypeOf, type Work } from '../../telemetry/index.ts';
import type { Emit, LanguageModel, ModelRequest } from '../model.ts';
import { createChunkReader } from './chunks.ts';
import { DISCONNECTED, errorOf, UNREACHABLE } from './errors.ts';
import { chatBodyOf } from './request-body.ts';
import { BrokenStream, readSse } from './sse.ts';

export interface HttpModelOptions {
  /** With its `/v1`, as OpenAI's own base URL has it. */
  readonly url: URL;
  readonly name: string;
  readonly apiKey: string | undefined;
  readonly telemetry: Pick<AppServerTelemetry, 'work'>;
}

const MAX_ERROR_BODY = 64 * 1024;

const endpointOf = (url: URL): URL => {
  const endpoint = new URL(url);
  endpoint.pathname = `${url.pathname.replace(/\/+$/, '')}/chat/completions`;
  return endpoint;
};

const readError = async (response: Response): Promise<TurnError> => {
  const body = (await response.text().catch(() => '')).slice(0, MAX_ERROR_BODY);
  try {
    return errorOf(JSON.parse(body), response.status);
  } catch {
    return errorOf(undefined, response.status);
  }
};

/** Hands on what the stream says; gives the error that ended it, if one did. */
const relay = async (
  response: Response,
  emit: Emit,
  work: Work,
  signal: AbortSignal,
): Promise<TurnError | undefined> => {
  const reader = createChunkReader();
  try {
    for await (const chunk of readSse(response)) {
      for (const event of reader.read(chunk)) {
        if (event.type === 'failed') return event.error;
        if (event.type === 'usage') work.usage(event.usage);
        else work.firstToken();
        await emit(event);
      }
    }
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof BrokenStream) return DISCONNECTED;
    throw cause;
  }
  const failure = reader.failure();
  if (failure) return failure;
  for (const event of reader.end()) await emit(event);
  return undefined;
};

/** Makes a model out of any OpenAI-compatible server; the trace goes on in the headers of each call. */
export const createHttpModel = ({ url, name, apiKey, telemetry }: HttpModelOptions): LanguageModel => {
  const endpoint = endpointOf(url);
  const port = Number(endpoint.port) || (endpoint.protocol === 'https:' ? 443 : 80);

  const post = (request: ModelRequest, work: Work, signal: AbortSignal) => {
    const { traceparent, tracestate } = work.carrier() ?? {};
    const headers = {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(apiKey && { authorization: `Bearer ${apiKey}` }),
      ...(traceparent && { traceparent }),
      ...(tracestate && { tracestate }),
    };
    return fetch(endpoint, {
      method: 'POST',
      headers,
      body: JSON.stringify(chatBodyOf(request)),
      signal,
    }).catch((cause: unknown) => {
      signal.throwIfAborted();
      if (cause instanceof TypeError) return undefined;
      throw cause;
    });
  };

  const answer = async (request: ModelRequest, emit: Emit, work: Work, signal: AbortSignal) => {
    const response = await post(request, work, signal);
    if (!response) return UNREACHABLE;
    work.httpStatus(response.status);
    return response.ok ? relay(response, emit, work, signal) : readError(response);
  };

  return {
    info: { id: name, displayName: name, description: 'A model of the server that --model-url names.' },
    respond: (request, emit, signal) =>
      telemetry.work({ name: 'chat', model: request.model, host: endpoint.hostname, port }, async (work) => {
        const error = await answer(request, emit, work, signal);
        if (!error) return;
        work.fail(errorTypeOf(error));
        await emit({ type: 'failed', error });
      }),
  };
};
