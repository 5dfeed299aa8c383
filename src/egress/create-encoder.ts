import { createChatEncoder } from './chat-completions.ts';
import type { EncoderDeps } from './completion-shapes.ts';
import { createCompletionsEncoder } from './completions.ts';
import type { CreateEncoder } from './encoder.ts';
import { createResponsesEncoder } from './responses.ts';

/** Gives each turn the encoder of the API that it was asked through. */
export const createEncoders =
  (deps: EncoderDeps): CreateEncoder =>
  (turn) => {
    switch (turn.answer.api) {
      case 'chat':
        return createChatEncoder(deps, turn, turn.answer.includeUsage);
      case 'completions':
        return createCompletionsEncoder(deps, turn, turn.answer);
      case 'responses':
        return createResponsesEncoder(deps, turn, turn.answer.echo);
    }
  };
