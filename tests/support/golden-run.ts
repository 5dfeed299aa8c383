import type { MirrorLine } from '../../src/telemetry/mirror/line.ts';
import { chat, frames, user } from './chat.ts';
import { type GatewayProcess, startGateway } from './gateway.ts';
import { ownSpansOf } from './records.ts';

const MODEL = 'throughline-echo';
const tools = ['get_weather', 'get_time'].map((name) => ({
  type: 'function',
  function: { name, description: `${name} of a place`, parameters: { type: 'object', properties: {} } },
}));

/** A client's own ids, so that they are the same in every run; the requests differ by their last digit. */
const headersOf = (name: string, step: number) => ({
  'x-request-id': `golden-${name}-${step}`,
  traceparent: `00-${String(step).repeat(32)}-${String(step).repeat(16)}-01`,
});

/** Resolves when the thread of the request has been let go, which happens behind the answer. */
const released = (gateway: GatewayProcess, reqId: string) =>
  gateway.waitForMirror((lines) =>
    ownSpansOf(lines, reqId).some(({ name }) => name === 'thread/unsubscribe'),
  );

/** A question, two calls of tools in one response, and the answer made of their results: two requests. */
const twoStepTools = async (gateway: GatewayProcess): Promise<void> => {
  const { url } = gateway;
  const messages = user('/tool get_weather {"city":"Oslo"}\n/tool get_time {"zone":"CET"}\nWell?');
  const first = await chat(
    url,
    { model: MODEL, tools, messages },
    { headers: headersOf('two-step-tools', 1) },
  );
  const { message } = JSON.parse(first.text).choices[0];
  const results = (message.tool_calls as { id: string }[]).map(({ id }, index) => ({
    role: 'tool',
    tool_call_id: id,
    content: ['sunny', 'noon'][index],
  }));
  await released(gateway, first.reqId);
  await chat(
    url,
    { model: MODEL, tools, messages: [...messages, message, ...results] },
    { headers: headersOf('two-step-tools', 2) },
  );
};

/** A preamble, a command that the app-server runs, and the final message, streamed. */
const shellBetweenMessages = async ({ url }: GatewayProcess): Promise<void> => {
  const body = { model: MODEL, stream: true, messages: user('/messages') };
  const { text } = await chat(url, body, { headers: headersOf('shell-between-messages', 1) });
  if (frames(text).at(-1) !== '[DONE]') throw new Error(`the stream ended with ${text.slice(-200)}`);
};

export const GOLDEN_RUNS = {
  'two-step-tools': { play: twoStepTools, requests: 2 },
  'shell-between-messages': { play: shellBetweenMessages, requests: 1 },
} as const;

export type GoldenRun = keyof typeof GOLDEN_RUNS;

export const requestIdsOf = (run: GoldenRun): string[] =>
  Array.from({ length: GOLDEN_RUNS[run].requests }, (_, index) => `golden-${run}-${index + 1}`);

/** Plays the requests on a gateway of its own, and gives the mirror's lines of them, in the order in which they were written. */
export const record = async (run: GoldenRun): Promise<MirrorLine[]> => {
  const gateway = await startGateway();
  const ids = requestIdsOf(run);
  try {
    await GOLDEN_RUNS[run].play(gateway);
    for (const id of ids) await released(gateway, id);
    await gateway.stop();
    return (await gateway.mirror()).filter(({ req_id }) => req_id !== null && ids.includes(req_id));
  } finally {
    await gateway.remove();
  }
};
