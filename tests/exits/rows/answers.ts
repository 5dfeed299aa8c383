import { API_KEYS, chat, completion, ECHO, post, request, response, stream } from '../requests.ts';
import { completed, leavesAfter, type Profile, reads } from '../row.ts';

const noBackend = { phases: '+---+', usage: 'missing', finish: null } as const;
const noTurn = { phases: '++-++', usage: 'missing', finish: null } as const;

const weather = {
  tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
};
const CALL = '/tool weather {"city":"Oslo"}';

/** Requests that end well. */
export const answers: Profile = {
  name: 'answers',
  open: () => ({ PROXY_API_KEYS: API_KEYS }),
  rows: [
    {
      name: 'with a streamed answer',
      run: reads(stream('hello there')),
      expected: completed('stream, [DONE]'),
    },
    { name: 'with a plain answer', run: reads(chat('hello there')), expected: completed('JSON') },
    {
      name: 'with a streamed answer of the Completions API',
      run: reads(completion('hello there', { stream: true })),
      expected: completed('stream, [DONE]'),
    },
    {
      name: 'with a plain answer of the Completions API',
      run: reads(completion('hello there')),
      expected: completed('JSON'),
    },
    {
      name: 'with a streamed answer of the Responses API',
      run: reads(response('hello there', { stream: true })),
      expected: completed('stream, response.completed'),
    },
    {
      name: 'with a plain answer of the Responses API',
      run: reads(response('hello there')),
      expected: completed('JSON'),
    },
    {
      name: "with a call of one of the client's tools, streamed",
      run: reads(stream(CALL, weather)),
      expected: completed('stream, [DONE]', { finish: 'tool_calls' }),
    },
    {
      name: "with a call of one of the client's tools, plain",
      run: reads(chat(CALL, weather)),
      expected: completed('JSON', { finish: 'tool_calls' }),
    },
    {
      name: 'with an answer that the provider cuts for what it says',
      run: reads(stream('/say one two\n/fail cyberPolicy')),
      expected: completed('stream, [DONE]', { finish: 'content_filter', usage: 'missing' }),
    },
    {
      name: 'with an answer that the end of the context cuts',
      run: reads(stream('/say one two\n/fail contextWindowExceeded')),
      expected: completed('stream, [DONE]', { finish: 'length', usage: 'missing' }),
    },
    {
      name: 'with an answer of the Responses API that the end of the context cuts',
      run: reads(response('/say one two\n/fail contextWindowExceeded', { stream: true })),
      expected: completed('stream, response.incomplete', { finish: 'length', usage: 'missing' }),
    },
    {
      name: 'with an answer whose usage the backend does not tell',
      run: reads(stream('/usage none\n/say hello')),
      expected: completed('stream, [DONE]', { usage: 'missing' }),
    },
    {
      name: 'with an answer that is cut at a stop sequence',
      run: reads(stream('/say one two three four five six\n/stall', { stop: ' four' })),
      expected: completed('stream, [DONE]', { usage: 'missing' }),
    },
    {
      name: 'with an answer after a failure that the backend mends by itself',
      run: reads(stream('/retry\n/say hello')),
      expected: completed('stream, [DONE]'),
    },
    {
      name: 'with an answer after a line from the backend that is no JSON',
      run: reads(stream('/garbage\n/say hello')),
      expected: completed('stream, [DONE]'),
    },
    {
      name: 'with its last frame, at which the client closes',
      run: leavesAfter(stream('hello there'), (_, wire) => wire.until('[DONE]')),
      expected: completed('stream, [DONE]'),
    },
    {
      name: 'with the list of models',
      run: reads(request({ path: '/v1/models' })),
      expected: completed('JSON', noTurn),
    },
    {
      name: 'with one model',
      run: reads(request({ path: `/v1/models/${ECHO}` })),
      expected: completed('JSON', noTurn),
    },
    {
      name: 'with a head alone (HEAD)',
      run: reads(request({ path: '/v1/models', method: 'HEAD' })),
      expected: completed('no body', { ...noTurn, phases: '++--+' }),
    },
    {
      name: 'with what a route takes (OPTIONS)',
      run: reads(request({ path: '/v1/chat/completions', method: 'OPTIONS' })),
      expected: completed('no body', { ...noBackend, status: 204, recorded: 204 }),
    },
    {
      name: 'with an answer to a request that has ignored parameters',
      run: reads(
        post('/v1/chat/completions', {
          model: ECHO,
          temperature: 1,
          messages: [{ role: 'user', content: 'hi' }],
        }),
      ),
      expected: completed('JSON'),
    },
  ],
};
