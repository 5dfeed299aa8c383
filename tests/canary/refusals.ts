import { CHAT_PARAMETERS } from '../../src/http/requests/chat-parameters.ts';
import { COMPLETIONS_PARAMETERS } from '../../src/http/requests/completions-parameters.ts';
import { RESPONSES_PARAMETERS } from '../../src/http/requests/responses-parameters.ts';
import { openWire } from '../exits/wire.ts';
import type { Plant } from './planted.ts';

/** Sends a request and reads its answer to the end. Resolves with its status and its beginning. */
export type Send = (
  method: string,
  path: string,
  options?: { body?: unknown; headers?: Readonly<Record<string, string>> },
) => Promise<string>;

const TABLES = [
  ['/v1/chat/completions', CHAT_PARAMETERS, { messages: [{ role: 'user', content: 'x' }] }],
  ['/v1/completions', COMPLETIONS_PARAMETERS, { prompt: 'x' }],
  ['/v1/responses', RESPONSES_PARAMETERS, { input: 'x' }],
] as const;

/** Every parameter of every API with values that are wrong for most of them. The model comes last: it is one that there is not. */
export const sendWrongValues = async (send: Send, plant: Plant, model: string): Promise<void> => {
  for (const [path, table, base] of TABLES) {
    for (const name of Object.keys(table)) {
      const place = `wrong ${path} ${name}`;
      const values = [
        plant.text(place),
        { [plant.word(`${place} key`)]: plant.text(`${place} value`) },
        [{ [plant.word(`${place} item key`)]: plant.text(`${place} item`) }],
      ];
      for (const value of values) await send('POST', path, { body: { model, ...base, [name]: value } });
    }
  }
};

/** What is refused before it is read, by its path, its method, its headers or its form. */
export const sendRefusals = async (send: Send, plant: Plant, model: string): Promise<void> => {
  const chat = '/v1/chat/completions';
  const word = (place: string) => encodeURIComponent(plant.word(place));
  const messages = [{ role: 'user', content: plant.text('unknown model prompt') }];
  await send('POST', chat, { body: { model: plant.word('unknown model'), messages } });
  await send('POST', '/v1/responses', {
    body: { model: plant.word('unknown model, responses'), input: 'x' },
  });
  await send('GET', `/v1/models/${word('model id in a path')}`);
  await send('GET', `/v1/${word('unknown path')}?${word('query key')}=${word('query value')}`);
  await send('POST', `/${word('path outside of /v1')}`, { body: { note: plant.text('body of no route') } });
  await send('DELETE', `${chat}?q=${word('query of a wrong method')}`);
  await send('POST', chat, { body: `{"model": "${plant.word('torn JSON')}` });
  await send('POST', chat, {
    body: plant.text('plain text'),
    headers: { 'content-type': `text/${plant.word('content type')}` },
  });
  await send('POST', chat, {
    body: { model, messages: [{ role: 'user', content: plant.text('body without a key') }] },
    headers: { authorization: `Bearer ${plant.word('wrong key')}` },
  });
  await send('GET', '/v1/models', {
    headers: {
      'x-request-id': `${plant.word('refused request id')} of mine`,
      traceparent: plant.word('traceparent'),
      tracestate: plant.word('tracestate without a parent'),
      cookie: `a=${plant.word('cookie')}`,
      [`x-${plant.word('header name').replaceAll('_', '-')}`]: '1',
      'x-custom': plant.text('header of no list').replaceAll('\n', ' '),
      referer: `https://host.example/${plant.word('referer')}`,
      'accept-language': plant.word('accept-language'),
      'x-request-timeout-ms': '-1',
    },
  });
};

/** What Node's parser refuses. */
export const sendGarbage = async (url: string, plant: Plant): Promise<void> => {
  const one = (place: string) => plant.text(place).replaceAll('\n', ' ');
  for (const bytes of [
    `GET /${plant.word('path of a broken request')} HTTP/9.9\r\n\r\n`,
    `GET / HTTP/1.1\r\nhost: x\r\n${one('broken header')}\r\n\r\n`,
    `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${one('long header')}${'x'.repeat(70_000)}\r\n\r\n`,
    `CONNECT ${plant.word('proxied host')}:443 HTTP/1.1\r\nhost: x\r\n\r\n`,
  ]) {
    const wire = openWire(url, bytes);
    await wire.closed;
  }
};
