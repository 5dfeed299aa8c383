import { ERRORS, type ErrorCode } from '../../src/errors.ts';
import type { Answer } from './row.ts';
import type { Response } from './wire.ts';

interface ErrorFields {
  /** Ours, or what a server has said. */
  readonly code?: unknown;
  /** Our code, in an error that a server has answered. */
  readonly cause_type?: string;
  /** In the Responses API, whose list of codes is closed, ours stands here. */
  readonly type?: string;
  readonly request_id?: string;
}

/** What the client can tell of how its request ended. */
export interface ClientView {
  readonly answer: Answer;
  /** The error's code in body or event; undefined where a server's own words were sent on as they came. */
  readonly code: string | null | undefined;
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

const isOurs = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(ERRORS, code);

/** What a server calls its error may be called as one of ours: then ours stands beside it. */
const codeOf = ({ code, cause_type, request_id }: ErrorFields): string | undefined =>
  request_id === undefined ? undefined : [cause_type, code].find(isOurs);

const view = (
  answer: Answer,
  { error = null, finish = null }: { error?: ErrorFields | null; finish?: string | null } = {},
): ClientView => ({
  answer,
  finish,
  code: error === null ? null : codeOf(error),
  errorReqId: error?.request_id ?? null,
});

/** Whoever gets no last frame is not told why. */
const UNTOLD = { error: {} } as const;

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

const viewStream = ({ body, isWhole }: Response): ClientView => {
  const whole = body.split('\n\n').slice(0, -1);
  const data = whole.map(dataOf).filter((text) => text !== undefined);
  const last = data.at(-1);
  const unended = isWhole ? 'stream, ended' : 'stream, cut';
  if (last === undefined) return view(unended, UNTOLD);
  const before = data.slice(0, -1);
  const said = JSON.parse(last === '[DONE]' ? (before.at(-1) ?? '{}') : last) as Frame;
  if (last === '[DONE]' && !said.error) return view('stream, [DONE]', { finish: finishOf(before) });
  const { type = '', error, response } = said;
  if (error) return view('stream, error event', { error });
  if (type === 'error') return view('stream, error event', { error: JSON.parse(last) as ErrorFields });
  if (type === 'response.failed') {
    const { type: ours, ...rest } = response?.error ?? {};
    return view('stream, response.failed', { error: { ...rest, ...(ours !== undefined && { code: ours }) } });
  }
  return isEnding(type) ? view(ENDINGS[type]) : view(unended, UNTOLD);
};

const viewJson = (body: string): ClientView => {
  try {
    const { error } = JSON.parse(body) as Frame;
    return error ? view('error', { error }) : view('JSON', { finish: finishOf([body]) });
  } catch {
    return view('part of the JSON');
  }
};

export const viewOf = (response: Response): ClientView => {
  const { status, headers, body, hasBody } = response;
  if (status === null) return view('nothing');
  if (!hasBody) return view('no body');
  const type = headers['content-type'] ?? '';
  if (type.startsWith('text/event-stream')) return viewStream(response);
  if (type.startsWith('text/')) return view('text', UNTOLD);
  return viewJson(body);
};
