import type { RawReply } from './model-endings.ts';
import { oddErrors, oddHeaders, oddStreams, splitEverywhere } from './odd-replies.ts';
import { askAsAnother, type Stage } from './stage.ts';

type Prepare = (reply: RawReply) => string;

const API_BODIES = (model: string, text: string) =>
  [
    ['/v1/chat/completions', { model, messages: [{ role: 'user', content: text }] }],
    ['/v1/completions', { model, prompt: text }],
    ['/v1/responses', { model, input: text }],
  ] as const;

/** What goes on to the server from the request's head, and what must not. */
const headersOf = ({ plant }: Stage): Record<string, string> => ({
  'openai-beta': plant.word('head openai-beta'),
  'openai-organization': plant.word('head openai-organization'),
  'openai-project': plant.word('head openai-project'),
  'idempotency-key': plant.word('head idempotency-key'),
  cookie: `session=${plant.word('unshown cookie')}`,
});

const CRLF = '\r\n';

/** A file, as it is uploaded: it is traced by its size. */
const multipart = (plant: Stage['plant'], reference: string): string =>
  [
    '--canary',
    'content-disposition: form-data; name="purpose"',
    '',
    plant.text('unshown purpose'),
    '--canary',
    `content-disposition: form-data; name="file"; filename="${plant.word('unshown file name')}"`,
    'content-type: text/plain',
    '',
    `${plant.text('unshown file')} ${reference}`,
    '--canary--',
    '',
  ].join(CRLF);

const jsonReply = (body: object): RawReply => ({
  ...{ status: 200, headers: { 'content-type': 'application/json' }, pieces: [JSON.stringify(body)] },
});

/** Paths that are no text: embeddings, moderations, stored responses, and any other one. */
const sendOtherPaths = async (stage: Stage, prepare: Prepare): Promise<void> => {
  const { plant, send, backend } = stage;
  const { model } = backend;
  const flagged = (place: string) => prepare(jsonReply({ id: plant.id(place), note: plant.text(place) }));
  await send('POST', '/v1/embeddings', {
    body: { model, input: [plant.text('odd embedding input'), flagged('odd embedding')] },
  });
  await send('POST', '/v1/moderations', {
    body: { model, input: [plant.text('odd moderation input'), flagged('odd moderation')] },
  });
  const stored = encodeURIComponent(`${plant.id('stored response')} ${flagged('odd stored response')}`);
  await send('GET', `/v1/responses/${stored}?include=${encodeURIComponent(plant.word('query of a stored'))}`);
  await send('DELETE', `/v1/responses/${stored}`);
  await send('POST', '/v1/files', {
    body: multipart(
      plant,
      prepare(jsonReply({ id: 'file-1', filename: plant.word('unshown name of a file') })),
    ),
    headers: { 'content-type': 'multipart/form-data; boundary=canary' },
  });
  await send('GET', `/v1/files/${encodeURIComponent(plant.word('id of a file'))}/content`);
};

/** Answers that no server should give, and that some do: what they say reaches the client, and no secret of it any sink. */
export const sendOddAnswers = async (stage: Stage, prepare: Prepare): Promise<void> => {
  const { plant, send, backend, secrets: keys } = stage;
  const replies = [
    ...oddErrors(plant, keys),
    ...oddStreams(plant, keys),
    oddHeaders(plant, keys),
    ...splitEverywhere(keys),
  ];
  for (const reply of replies) {
    const text = prepare(reply);
    for (const [path, body] of API_BODIES(backend.model, text)) {
      for (const stream of [false, true])
        await send('POST', path, { body: { ...body, stream }, headers: headersOf(stage) });
    }
  }
  // A server that has one model often takes any name, and gives it back.
  const model = plant.word('a model that any name fits');
  const echo = jsonReply({
    ...{ id: plant.id('odd id'), object: 'chat.completion', model },
    choices: [{ index: 0, message: { role: 'assistant', content: 'so' }, finish_reason: 'stop' }],
  });
  for (const [path, body] of API_BODIES(model, prepare(echo))) await send('POST', path, { body });
  await sendOtherPaths(stage, prepare);
  await askAsAnother(stage);
};
