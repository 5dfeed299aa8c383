import { eventsOf } from '../support/records.ts';
import { useGateway } from '../support/use-gateway.ts';

const MODEL = 'throughline-echo';
const PIXEL = 'data:image/png;base64,AAAA';

describe('the openai package, on the embedded app-server', () => {
  const running = useGateway();

  it('sends an image beside its text, in a chat', async () => {
    const completion = await running.openai.chat.completions.create({
      model: MODEL,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url: PIXEL } },
          ],
        },
      ],
    });
    expect(completion.choices[0]?.message.content).toBe('You said: What is it? (with 1 image)');
  });

  it('sends an image beside its text, as items of a response', async () => {
    const response = await running.openai.responses.create({
      model: MODEL,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is it?' },
            { type: 'input_image', image_url: PIXEL, detail: 'auto' },
          ],
        },
      ],
    });
    expect(response.output_text).toBe('You said: What is it? (with 1 image)');
  });

  it.each([true, false])(
    'a failure that the backend tries again is no end of the answer (stream: %j)',
    async (stream) => {
      const { data, request_id } = await running.openai.chat.completions
        .create({ model: MODEL, messages: [{ role: 'user', content: '/say one\n/retry\n/say two' }], stream })
        .withResponse();
      let said = '';
      if ('choices' in data) said = data.choices[0]?.message.content ?? '';
      else for await (const { choices } of data) said += choices[0]?.delta.content ?? '';
      expect(said).toBe('one\n\ntwo');
      const reqId = String(request_id);
      expect(await running.gateway.accessLine(reqId)).toMatchObject({
        outcome: 'completed',
        status_code: 200,
      });
      const told = await running.gateway.waitForMirror((lines) =>
        eventsOf(lines, reqId).find(({ payload }) => (payload as { method?: string })?.method === 'error'),
      );
      expect(told.payload).toMatchObject({ params: { willRetry: true } });
    },
  );
});
