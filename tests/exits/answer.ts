import type { Answer } from './row.ts';
import type { Response } from './wire.ts';

interface ErrorFields {
  readonly code?: string;
  /** In the Responses API, whose list of codes is closed, ours stands here. */
  readonly type?: string;
  readonly request_id?: string;
}

/** What the client can tell of how its request ended. */
export interface ClientView {
  readonly answer: Answer;
  /** The error's code in body or event. */
  readonly code: string | null;
  /** The request id in the error's envelope. */
  readonly errorReqId: string | null;
  /** Why the model stopped, where the client is told. */
  readonly finish: string | null;
}

interface Frame {
  readonly error?: ErrorFields;
  readonly choices?: readonly { readonly finish_reason: string | null }[];
  readonly type?: string;
  readonly response?: { readonly error?: ErrorFields | null };
}

const view = (
  answer: Answer,
  { error = null, finish = null }: { error?: ErrorFields | null; finish?: string | null } = {},
): ClientView => ({
  answer,
  finish,
  code: error?.code ?? null,
  errorReqId: error?.request_id ?? null,
});

const ENDINGS = {
  'response.completed': 'stream, response.completed',
  'response.incomplete': 'stream, response.incomplete',
} as const satisfies Record<string, Answer>;

const isEnding = (type: string): type is keyof typeof ENDINGS => Object.hasOwn(ENDINGS, type);

const dataOf = (block: string): string | undefined => /^data: (.*)$/m.exec(block)?.[1];

/** The last `finish_reason` among these frames, or in this whole answer. */
const finishOf = (texts: readonly string[]): string | null =>
  texts
    .flatMap((text) => (JSON.parse(text) as Frame).choices ?? [])
    .map(({ finish_reason }) => finish_reason)
    .findLast((reason) => reason !== null) ?? null;

const viewStream = (body: string): ClientView => {
  const whole = body.split('\n\n').slice(0, -1);
  const data = whole.map(dataOf).filter((text) => text !== undefined);
  const last = data.at(-1);
  if (last === undefined) return view('stream, cut');
  if (last === '[DONE]') return view('stream, [DONE]', { finish: finishOf(data.slice(0, -1)) });
  const { type = '', error, response } = JSON.parse(last) as Frame;
  if (error) return view('stream, error event', { error });
  if (type === 'response.failed') {
    const { type: ours, ...rest } = response?.error ?? {};
    return view('stream, response.failed', { error: { ...rest, ...(ours !== undefined && { code: ours }) } });
  }
  return view(isEnding(type) ? ENDINGS[type] : 'stream, cut');
};

const viewJson = (body: string): ClientView => {
  try {
    const { error } = JSON.parse(body) as Frame;
    return error ? view('error', { error }) : view('JSON', { finish: finishOf([body]) });
  } catch {
    return view('part of the JSON');
  }
};

export const viewOf = ({ status, headers, body, hasBody }: Response): ClientView => {
  if (status === null) return view('nothing');
  if (!hasBody) return view('no body');
  const type = headers['content-type'] ?? '';
  if (type.startsWith('text/event-stream')) return viewStream(body);
  return viewJson(body);
};
