import { APP_SERVER_SUPPORT } from '../../src/backend/app-server/support.ts';
import type { TurnCall } from '../../src/gateway/turn.ts';
import type { TurnSupport } from '../../src/gateway/turn-support.ts';
import { toChatCall } from '../../src/http/requests/chat.ts';
import { chatRequest } from '../../src/http/requests/chat-schema.ts';
import { completionsRequest, toCompletionsCall } from '../../src/http/requests/completions.ts';
import type { RequestOptions } from '../../src/http/requests/parameters.ts';
import { toResponsesCall } from '../../src/http/requests/responses.ts';
import { responsesRequest } from '../../src/http/requests/responses-schema.ts';
import { sanitizeText } from './sanitizer.ts';
import { validateAtOnce as validate } from './validate-at-once.ts';

const optionsOf = (strict: boolean, support: TurnSupport): RequestOptions => ({
  strict,
  sanitizeText,
  support,
});

/** The call that a chat request becomes, for the app-server if nothing else is said; `body` adds to a valid one. */
export const chatCallOf = (
  body: Record<string, unknown>,
  strict = false,
  support = APP_SERVER_SUPPORT,
): TurnCall =>
  toChatCall(
    validate(chatRequest, { model: 'echo', messages: [{ role: 'user', content: 'hi' }], ...body }),
    optionsOf(strict, support),
  );

export const completionsCallOf = (
  body: Record<string, unknown>,
  strict = false,
  support = APP_SERVER_SUPPORT,
): TurnCall =>
  toCompletionsCall(
    validate(completionsRequest, { model: 'echo', prompt: 'hi', ...body }),
    optionsOf(strict, support),
  );

export const responsesCallOf = (
  body: Record<string, unknown>,
  strict = false,
  support = APP_SERVER_SUPPORT,
): TurnCall =>
  toResponsesCall(
    validate(responsesRequest, { model: 'echo', input: 'hi', ...body }),
    optionsOf(strict, support),
  );
