import { type ChatReply, createChatServer, streamOf } from './chat-server.ts';
import { ofMethod, runTurn, startThread, withServer } from './conversation.ts';

const weather = { type: 'function', name: 'weather', description: 'of a city', inputSchema: {} };

/** One turn whose model replies so, and what its client was asked. */
const runWith = async (reply: ChatReply) => {
  const chat = await createChatServer(reply);
  try {
    return await withServer({ args: chat.args }, async (server) => {
      const threadId = await startThread(server, { dynamicTools: [weather] });
      return { ...(await runTurn(server, threadId, 'hello')), asks: server.asks };
    });
  } finally {
    await chat.close();
  }
};

test.each([
  ['length', 'max_output_tokens'],
  ['content_filter', 'content_filter'],
])(
  'an answer that ends early with %s fails the turn in the real server’s words, with its usage',
  async (finish, reason) => {
    const cut = [
      { content: 'so far' },
      { tool_calls: [{ index: 0, id: 'c', function: { name: 'weather' } }] },
    ];
    const ran = await runWith(streamOf(cut, finish));
    const message = `Incomplete response returned, reason: ${reason}`;
    expect(ran).toMatchObject({
      text: 'so far',
      asks: [],
      turn: { error: { message, codexErrorInfo: 'other' } },
    });
    expect(ofMethod(ran.notifications, 'thread/tokenUsage/updated')).toHaveLength(1);
  },
);

test('what the model refuses is what it says', async () => {
  const ran = await runWith(streamOf([{ refusal: 'I will ' }, { refusal: 'not.' }]));
  expect(ran).toMatchObject({ text: 'I will not.', turn: { status: 'completed' } });
});
