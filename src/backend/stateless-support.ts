import { ignored, refused, type SupportTable } from '../gateway/turn-support.ts';

const NOTHING_STORED = 'nothing is stored; send the whole conversation as `input`';

/** Parameters of Chat Completions that the gateway treats alike on each backend that takes turns. */
export const STATELESS_CHAT: SupportTable = {
  store: refused('nothing is stored', [false]),
  moderation: refused('the gateway does not moderate'),
  web_search_options: refused('the gateway does not search the web'),
  functions: refused('use `tools`', [[]]),
  function_call: refused('use `tool_choice`', ['auto', 'none']),
};

/** The same for the Responses API: turns store nothing, and the gateway runs no tools. */
export const STATELESS_RESPONSES: SupportTable = {
  max_tool_calls: ignored('the gateway has no tools of its own'),
  truncation: ignored('nothing is cut; a conversation that is too long is an error', ['disabled']),
  include: ignored('the answer has nothing to add', [[]]),
  stream_options: ignored('nothing is obfuscated', [{}, { include_obfuscation: false }]),
  context_management: ignored('nothing is compacted', [[]]),
  access_programs: ignored(undefined, [{}]),
  image: ignored('images are passed on as they are', [{}]),
  store: refused('nothing is stored; without it the response says `store: false`', [false]),
  background: refused('an answer is given in its own request', [false]),
  previous_response_id: refused(NOTHING_STORED),
  conversation: refused(NOTHING_STORED),
  prompt: refused('no prompts are stored; use `instructions` and `input`'),
  moderation: refused('the gateway does not moderate'),
};
