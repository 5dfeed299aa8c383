import { poll } from '../stack/support/poll.ts';
import { post, user } from '../support/chat.ts';
import { MODEL, startLlama } from './support/server.ts';
import { useLlama } from './support/use-llama.ts';

const llama = useLlama();

const COUNT = { model: MODEL, messages: user('Count to a hundred.'), ignore_eos: true, max_tokens: 1500 };
const HELLO = { messages: user('Say hello.'), max_tokens: 4 };

describe("llama.cpp's server that ends in the middle of a stream", () => {
  it('leaves its client an error with our ids, and an end', async () => {
    const response = await post(`${llama.gateway.url}/v1/chat/completions`, { ...COUNT, stream: true });
    const reqId = response.headers.get('x-request-id') ?? '';
    const texts: string[] = [];
    for await (const bytes of response.body ?? []) {
      if (texts.length === 0) await llama.server.stop();
      texts.push(Buffer.from(bytes).toString());
    }
    const last = texts.join('').trimEnd().split('\n\n').at(-1) ?? '';
    expect(JSON.parse(last.slice('data: '.length)).error).toMatchObject({ request_id: reqId });
    expect(await llama.gateway.usageOf(reqId)).toMatchObject([
      { outcome: 'backend_error', status_code: 200 },
    ]);
  });

  it('is an error of the gateway while it is away, and serves once it is back', async () => {
    const away = await llama.ask('chat/completions', HELLO);
    expect(away.status).toBe(502);
    expect(JSON.parse(away.text).error).toMatchObject({ request_id: away.reqId });
    llama.server = await startLlama();
    const back = await poll('an answer', async () => {
      const answer = await llama.ask('chat/completions', HELLO);
      return answer.status === 200 && answer;
    });
    expect(llama.recorder.bodies().some((body) => body.equals(back.bytes))).toBe(true);
  });
});
