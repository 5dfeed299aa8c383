import type { RawReply } from './model-endings.ts';
import type { Plant } from './planted.ts';

const JSON_TYPE = { 'content-type': 'application/json', 'x-should-retry': 'false' };
const EVENTS_TYPE = { 'content-type': 'text/event-stream' };

const reply = (status: number, body: unknown, headers: RawReply['headers'] = JSON_TYPE): RawReply => ({
  ...{ status, headers, pieces: [typeof body === 'string' ? body : JSON.stringify(body)] },
});

/** What a server says of the key that it was sent. */
const ofKeys = (keys: readonly string[]): string =>
  keys
    .map((key) => `Incorrect API key provided: ${key}, see Bearer ${key} and ?key=${encodeURIComponent(key)}`)
    .join('; ');

/** Errors in the shapes that servers give them, each with a text of its own and the keys of the gateway. */
export const oddErrors = (plant: Plant, keys: readonly string[]): RawReply[] => {
  const say = (place: string): string => `${plant.text(`odd ${place}`)}\n${ofKeys(keys)}`;
  const type = plant.id('type of an error');
  const code = plant.id('code of an error');
  return [
    reply(401, { error: { message: say('401'), type, code, param: plant.word('odd param') } }),
    reply(400, { error: say('error as a text') }),
    reply(422, { detail: say('detail') }),
    reply(422, { detail: [{ loc: ['body', say('loc')], msg: say('msg'), input: { a: say('input') } }] }),
    reply(404, { errors: [{ message: say('errors') }], request_id: plant.id('odd request_id') }),
    reply(400, [say('list'), { error: say('error in a list') }]),
    reply(403, JSON.stringify(say('text of JSON'))),
    reply(500, say('plain text'), { 'content-type': 'text/plain', 'x-should-retry': 'false' }),
    reply(503, `<html><body>${say('page')}</body></html>`, {
      ...{ 'content-type': 'text/html', 'x-should-retry': 'false' },
    }),
    reply(502, { error: { error: { message: say('error in an error') } } }),
    // Sent again, and told of each time.
    reply(
      429,
      { error: { message: say('too many') } },
      { ...JSON_TYPE, 'retry-after': '0', 'x-should-retry': 'true' },
    ),
    reply(400, `{"error": {"message": ${JSON.stringify(say('torn body')).slice(0, -1)}`),
    reply(200, { error: { message: say('error with 200'), code: 400 } }),
  ];
};

/** Streams in which something goes wrong, in the words that servers have for it. */
export const oddStreams = (plant: Plant, keys: readonly string[]): RawReply[] => {
  const say = (place: string): string => `${plant.text(`odd ${place}`)}\n${ofKeys(keys)}`;
  const first = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'so ' } }] })}\n\n`;
  const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
  const oneLine = (text: string): string => text.replaceAll('\n', ' ');
  const ends = [
    data({ error: { message: say('late error'), type: 'x', code: 429 } }),
    data({ error: say('late text') }),
    data({ detail: say('late detail') }),
    data({ message: say('late message'), object: 'error' }),
    data({ choices: [{ index: 0, delta: {}, error: { message: say('error of a choice') } }] }),
    `event: error\ndata: ${oneLine(say('late plain text'))}\n\n`,
    `: ${oneLine(plant.text('unshown comment'))}\nid: ${plant.word('unshown event id')}\n\n`,
    data({ type: 'response.failed', response: { error: { code: 'x', message: say('failed response') } } }),
    `data: ${JSON.stringify({ choices: say('torn event') }).slice(0, -2)}\n\n`,
    data({ choices: [{ index: 0, delta: { content: 'a', thinking: say('unknown member') } }] }),
    data({ choices: [{ index: 0, delta: {}, finish_reason: plant.id('odd finish_reason') }] }),
    data({ choices: null, note: say('unknown note'), system_fingerprint: plant.id('odd fingerprint') }),
  ];
  return ends.map((end) => ({
    ...{ status: 200, headers: EVENTS_TYPE, pieces: [first, end, 'data: [DONE]\n\n'] },
  }));
};

/** An answer whose headers say more than they should. */
export const oddHeaders = (plant: Plant, keys: readonly string[]): RawReply => {
  const word = (place: string): string => plant.word(`unshown header ${place}`);
  return reply(
    400,
    { error: { message: plant.text('odd headers') } },
    {
      ...JSON_TYPE,
      ...{ 'x-request-id': plant.id('header'), 'openai-organization': word('organization') },
      ...{ 'openai-model': word('model'), 'x-ratelimit-note': word('limit'), etag: `"${word('etag')}"` },
      'content-disposition': `attachment; filename="${word('file name')}"`,
      location: `https://user:${encodeURIComponent(word('password'))}@host.example/?token=${word('location')}`,
      'set-cookie': [`session=${word('cookie')}`, `other=${word('other cookie')}`],
      ...{ server: word('server'), via: `1.1 ${word('via')}`, 'x-custom': word('custom') },
      ...{
        'x-echo': ofKeys(keys),
        'openai-echo': ofKeys(keys),
        'www-authenticate': `Bearer ${keys.join(' ')}`,
      },
      'content-language': word('language'),
    },
  );
};

/** The ways in which a text is cut in two. */
const cuts = (text: string): [string, string][] =>
  Array.from({ length: text.length - 1 }, (_, at) => [text.slice(0, at + 1), text.slice(at + 1)]);

/** A key whose text is in two deltas, cut at every place: as answer, as thought, as arguments, and in a member that nobody knows. */
export const splitEverywhere = (keys: readonly string[]): RawReply[] => {
  const makers: ((piece: string) => object)[] = [
    (content) => ({ content }),
    (reasoning_content) => ({ reasoning_content }),
    (given) => ({ tool_calls: [{ index: 0, function: { name: '', arguments: given } }] }),
    (unknown_text) => ({ unknown_text }),
  ];
  return makers.map((make) => {
    const pairs = keys.flatMap((key) => cuts(`the key is ${key} .`));
    const chunk = (piece: string, index: number): string =>
      `data: ${JSON.stringify({ choices: [{ index, delta: make(piece) }] })}\n\n`;
    const first = pairs.map(([piece], index) => chunk(piece, index));
    const second = pairs.map(([, piece], index) => chunk(piece, index));
    const pieces = [...first, ...second, 'data: [DONE]\n\n'];
    return { status: 200, headers: EVENTS_TYPE, pieces };
  });
};
