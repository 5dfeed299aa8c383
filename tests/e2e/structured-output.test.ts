import type OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { CODEX_MODEL } from '../support/codex.ts';
import { type CodexGateway, startCodexGateway } from '../support/codex-gateway.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { PREAMBLE_TEXT } from '../support/model-scripts.ts';
import { eventsOf } from '../support/records.ts';
import { startAll } from '../support/start-all.ts';
import { clientOf } from '../support/use-gateway.ts';

const place = z.object({ city: z.string(), degrees: z.number() });
const PARIS = { city: 'Paris', degrees: 21 };

/** All the ways in which the official client parses an answer. */
const parsedBy = async (openai: OpenAI, model: string, input: string): Promise<Record<string, unknown>> => {
  const chat = {
    model,
    messages: [{ role: 'user', content: input } as const],
    response_format: zodResponseFormat(place, 'place'),
  };
  const response = { model, input, text: { format: zodTextFormat(place, 'place') } };
  return {
    chat: (await openai.chat.completions.parse(chat)).choices[0]?.message.parsed,
    'chat stream': (await openai.chat.completions.stream(chat).finalChatCompletion()).choices[0]?.message
      .parsed,
    responses: (await openai.responses.parse(response)).output_parsed,
    'responses stream': (await openai.responses.stream(response).finalResponse()).output_parsed,
  };
};
const EVERY_WAY = { chat: PARIS, 'chat stream': PARIS, responses: PARIS, 'responses stream': PARIS };

describe('structured output behind a preamble and a command', () => {
  let embedded: GatewayProcess;
  let codex: CodexGateway;

  beforeAll(async () => {
    [embedded, codex] = await startAll(startGateway({}), startCodexGateway());
  });
  afterAll(() => Promise.all([embedded?.remove(), codex?.remove()]));

  it('is parsed by the openai package in every way, on the embedded app-server', async () => {
    const input = `/say Let me look first.\n/run echo hi\n/say ${JSON.stringify(PARIS)}`;
    expect(await parsedBy(clientOf(embedded), 'throughline-echo', input)).toEqual(EVERY_WAY);
  });

  it.each(['shell-schema', 'shell-schema-plain'])(
    'is parsed by the openai package in every way, on the real Codex ([[%s]])',
    async (script) => {
      expect(await parsedBy(clientOf(codex.gateway), CODEX_MODEL, `[[${script}]]`)).toEqual(EVERY_WAY);
    },
  );

  it('leaves the preamble in the records', async () => {
    const { request_id } = await clientOf(codex.gateway)
      .responses.create({
        model: CODEX_MODEL,
        input: '[[shell-schema]]',
        text: { format: zodTextFormat(place, 'place') },
      })
      .withResponse();
    const events = eventsOf(await codex.gateway.mirror(), String(request_id));
    expect(JSON.stringify(events)).toContain(PREAMBLE_TEXT);
  });
});
