import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { Pace } from '../pace.ts';
import { parseWithExactSchemas } from './exact-schemas.ts';
import { refuseManyValues } from './json-limits.ts';
import type { Body } from './read-body.ts';

/** A body as the trace may know it: parsed, or by size and hash alone. */
export type ParsedBody =
  | { readonly type: 'json'; readonly value: unknown; readonly bytes: Uint8Array }
  /** Streamed to the backend. `size`: what the client declared; null if it did not. */
  | { readonly type: 'stream'; readonly size: number | null; readonly chunks: AsyncIterable<Uint8Array> }
  | { readonly type: 'none' }
  /** Of a body that nobody reads there is only what the client declared: null where that is nothing. */
  | { readonly type: 'unread'; readonly size: number | null }
  | {
      readonly type: 'unparsable';
      readonly error: GatewayError;
      readonly size: number;
      readonly sha256: string | null;
    };

/** Bodies up to this size are worked on at once: that takes less than a slice of a turn of the event loop. */
const SMALL_BYTES = 256 * 1024;

const hashOf = async (bytes: Buffer, pace: Pace): Promise<string> => {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += SMALL_BYTES) {
    hash.update(bytes.subarray(at, at + SMALL_BYTES));
    await pace.rest();
  }
  return hash.digest('hex');
};

const unparsable = async (error: GatewayError, bytes: Buffer, pace: Pace): Promise<ParsedBody> => ({
  type: 'unparsable',
  error,
  size: bytes.length,
  sha256: await hashOf(bytes, pace),
});

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws where the bytes are no UTF-8. Of ASCII, as most bodies are, the text is a copy. */
const textOf = (bytes: Buffer): string => (isAscii(bytes) ? bytes.toString('latin1') : utf8.decode(bytes));

/** The texts and the values of the body, each in a turn of the event loop of its own where that takes long. */
const parseJson = async (bytes: Buffer, pace: Pace): Promise<unknown> => {
  const isLarge = bytes.length > SMALL_BYTES;
  if (isLarge) await pace.turn();
  const text = textOf(bytes);
  if (isLarge) await pace.turn();
  const value = parseWithExactSchemas(text);
  if (isLarge) await pace.turn();
  return value;
};

const emptyBody = (): GatewayError =>
  new GatewayError('invalid_json', 'The request body is empty: send a JSON object.');

/** Whether the client says that the body is JSON. */
export const isJson = ({ headers }: IncomingMessage): boolean =>
  /^application\/(?:[\w.+-]+\+)?json\b/i.test(headers['content-type'] ?? '');

/** Never rejects: what is wrong comes as a value, since who may be told is decided later. */
export const parseBody = async (request: IncomingMessage, body: Body, pace: Pace): Promise<ParsedBody> => {
  if (body.type === 'refused')
    return { type: 'unparsable', error: body.error, size: body.bytes, sha256: null };
  if (body.bytes.length === 0) return unparsable(emptyBody(), body.bytes, pace);
  const type = request.headers['content-type'] ?? '';
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding !== 'identity') {
    return unparsable(
      new GatewayError('unsupported_media_type', 'Send the body without content-encoding.'),
      body.bytes,
      pace,
    );
  }
  if (!isJson(request)) {
    const message = `Send content-type: application/json, not '${type || 'none'}'.`;
    return unparsable(new GatewayError('unsupported_media_type', message), body.bytes, pace);
  }
  const tooMany = await refuseManyValues(body.bytes, pace);
  if (tooMany) return unparsable(tooMany, body.bytes, pace);
  try {
    return { type: 'json', value: await parseJson(body.bytes, pace), bytes: body.bytes };
  } catch {
    const error = new GatewayError('invalid_json', 'The request body is not valid JSON in UTF-8.');
    return unparsable(error, body.bytes, pace);
  }
};
