import type { TurnCall } from '../../src/gateway/turn.ts';
import { toChatCall } from '../../src/http/requests/chat.ts';
import { chatRequest } from '../../src/http/requests/chat-schema.ts';
import { completionsRequest, toCompletionsCall } from '../../src/http/requests/completions.ts';
import type { RequestOptions } from '../../src/http/requests/parameters.ts';
import { toResponsesCall } from '../../src/http/requests/responses.ts';
import { responsesRequest } from '../../src/http/requests/responses-schema.ts';
import { sanitizeText } from './sanitizer.ts';
import { validateAtOnce as validate } from './validate-at-once.ts';

const optionsOf = (strict: boolean): RequestOptions => ({ strict, sanitizeText });

/** The call that a chat request becomes; `body` adds to a valid one. */
export const chatCallOf = (body: Record<string, unknown>, strict = false): TurnCall =>
  toChatCall(
    validate(chatRequest, { model: 'echo', messages: [{ role: 'user', content: 'hi' }], ...body }),
    optionsOf(strict),
  );

export const completionsCallOf = (body: Record<string, unknown>, strict = false): TurnCall =>
  toCompletionsCall(
    validate(completionsRequest, { model: 'echo', prompt: 'hi', ...body }),
    optionsOf(strict),
  );

export const responsesCallOf = (body: Record<string, unknown>, strict = false): TurnCall =>
  toResponsesCall(validate(responsesRequest, { model: 'echo', input: 'hi', ...body }), optionsOf(strict));
