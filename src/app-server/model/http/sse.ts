import { EventSourceParserStream } from 'eventsource-parser/stream';

const MAX_EVENT_CHARS = 16 * 1024 * 1024;

/** The stream broke off, or held what is no event of this API. */
export class BrokenStream extends Error {
  override readonly name = 'BrokenStream';
}

/** The JSON objects of a server-sent event stream, up to `[DONE]`; rejects with `BrokenStream`. */
export async function* readSse({ body }: Response): AsyncGenerator<unknown> {
  if (!body) return;
  const events = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream({ maxBufferSize: MAX_EVENT_CHARS }));
  try {
    for await (const { data } of events) {
      if (data === '[DONE]') return;
      yield JSON.parse(data);
    }
  } catch (cause) {
    throw new BrokenStream('the stream broke off', { cause });
  }
}
