import { chat, user } from '../support/chat.ts';
import { CODEX_MODEL } from '../support/codex.ts';
import { type CodexGateway, startCodexGateway } from '../support/codex-gateway.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import type { Reply, Step } from '../support/model-scripts.ts';
import type { ModelServer } from '../support/model-server.ts';

describe('how an answer of the real Codex ends', () => {
  let model: ModelServer;
  let gateway: GatewayProcess;
  let running: CodexGateway;

  beforeAll(async () => {
    running = await startCodexGateway();
    ({ gateway, model } = running);
  });
  afterAll(() => running?.remove());

  const ask = (...steps: Step[]) => askWith({ steps });
  const askWith = async (reply: Reply) => {
    model.enqueue(reply);
    const { status, text } = await chat(gateway.url, { model: CODEX_MODEL, messages: user('x') });
    const { choices, error } = JSON.parse(text);
    return choices ? [status, choices[0].finish_reason, choices[0].message.content] : [status, error.code];
  };
  const said: Step = { do: 'message', text: 'part of it' };
  const failing = (code: string): Step => ({ do: 'fail', code, message: 'told to fail' });

  it.each<[string, Step, unknown[]]>([
    [
      'the model’s own limit',
      { do: 'incomplete', reason: 'max_output_tokens' },
      [200, 'length', 'part of it'],
    ],
    ['a filter', { do: 'incomplete', reason: 'content_filter' }, [200, 'content_filter', 'part of it']],
    ['a policy', failing('cyber_policy'), [200, 'content_filter', 'part of it']],
    ['a full context window', failing('context_length_exceeded'), [200, 'length', 'part of it']],
  ])('%s ends an answer that has begun with its reason', async (_, step, expected) => {
    expect(await ask(said, step)).toEqual(expected);
  });

  it('a context window that is full before any text is a 400', async () => {
    expect(await ask(failing('context_length_exceeded'))).toEqual([400, 'context_length_exceeded']);
  });

  it.each([
    [400, 'invalid_value', [400, 'backend_refused_request']],
    [400, 'context_length_exceeded', [400, 'context_length_exceeded']],
    [422, 'invalid_value', [502, 'backend_error']],
  ])(
    'HTTP %d of the model server, with the code %s, is told as it is where Codex tells it',
    async (status, code, expected) => {
      expect(await askWith({ status, code, message: 'no' })).toEqual(expected);
    },
  );
});
