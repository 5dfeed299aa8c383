/** What a client got for one request. */
export type Got = {
  status: number;
  headers: Headers;
  reqId: string;
  text: string;
};

export type Chunk = {
  choices: { delta: { role?: string; content?: string }; finish_reason: string | null }[];
  usage?: Record<string, unknown> | null;
  error?: Record<string, unknown>;
};

type Options = { headers?: Record<string, string>; signal?: AbortSignal };

export const post = (url: string, body: unknown, { headers, signal }: Options = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });

export const chat = async (base: string, body: unknown, options: Options = {}): Promise<Got> => {
  const response = await post(`${base}/v1/chat/completions`, body, options);
  return {
    status: response.status,
    headers: response.headers,
    reqId: response.headers.get('x-request-id') ?? '',
    text: await response.text(),
  };
};

/** The data of the SSE frames, the terminal one as the string that it is. */
export const frames = (text: string): (Chunk | '[DONE]')[] =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('data: '))
    .map((block) => block.slice('data: '.length))
    .map((data) => (data === '[DONE]' ? data : (JSON.parse(data) as Chunk)));

export const chunks = (text: string): Chunk[] => frames(text).filter((frame) => frame !== '[DONE]');

/** The text that a streamed answer says. */
export const streamedText = (text: string): string =>
  chunks(text)
    .map((chunk) => chunk.choices?.[0]?.delta.content ?? '')
    .join('');

export const user = (content: string) => [{ role: 'user', content }];

/** A `traceparent` of a client's, and the ids in it. */
export const clientTrace = (digit: string) => {
  const traceId = digit.repeat(32);
  const spanId = digit.repeat(16);
  return { traceId, spanId, header: `00-${traceId}-${spanId}-01` };
};
