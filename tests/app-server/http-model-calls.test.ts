import { createChatServer, streamOf } from './chat-server.ts';
import { ofMethod, runTurn, startThread, withServer } from './conversation.ts';

const weather = { type: 'function', name: 'weather', description: 'of a city', inputSchema: {} };
const piece = (index: number, fields: object) => ({ tool_calls: [{ index, ...fields }] });

test('several calls of one response of the model, their pieces mixed, are made together and in order', async () => {
  const pieces = [
    piece(0, { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"n"' } }),
    piece(1, { id: 'c2', type: 'function', function: { name: 'weather', arguments: '' } }),
    piece(0, { function: { arguments: ':1}' } }),
    piece(1, { function: { arguments: '{"n":2}' } }),
  ];
  const chat = await createChatServer(streamOf(pieces, 'tool_calls'), streamOf([{ content: 'Sunny.' }]));
  const answer = ({ params }: { params: Record<string, unknown> }) => ({
    result: { contentItems: [{ type: 'inputText', text: `of ${params['callId']}` }], success: true },
  });
  try {
    await withServer({ args: chat.args, answer }, async (server) => {
      const threadId = await startThread(server, { dynamicTools: [weather], experimentalRawEvents: true });
      const ran = await runTurn(server, threadId, 'Weather?');
      expect(ran.text).toBe('Sunny.');
      const raw = ofMethod(ran.notifications, 'rawResponseItem/completed').map(({ params }) => params.item);
      expect(raw.filter(({ type }) => type === 'function_call')).toMatchObject([
        { call_id: 'c1', arguments: '{"n":1}' },
        { call_id: 'c2', arguments: '{"n":2}' },
      ]);
      expect(chat.calls[1]?.body['messages']).toMatchObject([
        { role: 'user' },
        { role: 'assistant', tool_calls: [{ id: 'c1' }, { id: 'c2' }] },
        { role: 'tool', tool_call_id: 'c1', content: 'of c1' },
        { role: 'tool', tool_call_id: 'c2', content: 'of c2' },
      ]);
    });
  } finally {
    await chat.close();
  }
});
