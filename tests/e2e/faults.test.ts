import { chat, frames, post, user } from '../support/chat.ts';
import { startGateway } from '../support/gateway.ts';

const MODEL = 'throughline-echo';
const BREAKING = ['/crash', '/garbage\n/say after it', '/deaf\n/say deaf', '/stall', '/wait 600000'];

describe.each([
  ['in development', { PROXY_ECHO_FAULTS: '' }],
  ['in production', { PROXY_ENV: 'production' }],
])('a gateway as users run it, %s', (_, env) => {
  it("is broken by no client's words: the answer of another goes on, and the backend stays", async () => {
    const gateway = await startGateway(env);
    try {
      const other = await post(`${gateway.url}/v1/chat/completions`, {
        model: MODEL,
        stream: true,
        messages: user('/long 100'),
      });
      const answers = await Promise.all(
        BREAKING.map((prompt) => chat(gateway.url, { model: MODEL, messages: user(prompt) })),
      );
      expect(answers.map(({ status }) => status)).toEqual(BREAKING.map(() => 200));
      expect(frames(await other.text()).at(-1)).toBe('[DONE]');
      expect(await (await fetch(`${gateway.url}/healthz`)).json()).toMatchObject({
        status: 'ok',
        backend: { ready: true, restarts: 0 },
      });
    } finally {
      await gateway.remove();
    }
  });
});

test('a gateway that prompts may break says so when it starts', async () => {
  const gateway = await startGateway({ PROXY_ECHO_FAULTS: 'true' });
  await gateway.remove();
  const ready = gateway.log.find(({ msg }) => msg.startsWith('ready on'));
  expect(ready?.['backend']).toContain('PROXY_ECHO_FAULTS');
});
