import { randomBytes } from 'node:crypto';
import { GatewayError } from '../../../errors.ts';
import type {
  CallContext,
  RelayBackend,
  RunningTurn,
  TraceSpan,
  TurnBackend,
} from '../../../gateway/ports.ts';
import type { RelayContext, RunningRelay } from '../../../gateway/relay.ts';
import type { Turn } from '../../../gateway/turn.ts';
import { type Later, systemLater } from '../../../later.ts';
import { createPace, type Pace } from '../../../pace.ts';
import { recordClientResults } from '../../tool-blocks.ts';
import { RelayFailure } from '../relay/failure.ts';
import { chatRequestOf } from './chat-request.ts';
import { messagesOf, type UpstreamMessage } from './messages.ts';
import { readAnswer } from './read-answer.ts';
import { TRANSLATION_SUPPORT } from './support.ts';
import { runTranslated } from './translated-turn.ts';

export interface TranslationDeps {
  /** Sends the requests of the turns. */
  readonly backend: RelayBackend;
  readonly pace?: Pace;
  readonly later?: Later;
  /** Makes an id for a call that came without one. */
  readonly newId?: () => string;
}

const newCallId = (): string => `call_${randomBytes(12).toString('hex')}`;

const relayContext = ({ reqId, signal, remainingMs }: CallContext, span: TraceSpan): RelayContext => {
  if (reqId === undefined) throw new Error('a turn belongs to a request');
  return { reqId, signal, span, ...(remainingMs && { remainingMs }) };
};

/** Serves turns with a server that only has Chat Completions: a turn becomes a request, and the answer its events. */
export const createTranslation = ({
  backend,
  pace = createPace(),
  later = systemLater,
  newId = newCallId,
}: TranslationDeps): TurnBackend => {
  const { forwardsKey } = backend;

  const send = async (
    context: CallContext,
    turn: Turn,
    messages: readonly UpstreamMessage[],
    again: TraceSpan | null,
  ): Promise<RunningRelay> => {
    // `JSON.stringify` of a large request blocks the event loop, so other work gets its turn first.
    await pace.rest();
    const request = chatRequestOf(context, turn, messages, again !== null);
    const canFailOver = again === null && context.canFailOver === true;
    return backend.relay(relayContext(context, again ?? context.span), request, null, canFailOver);
  };

  /** The error of a request that no server served. The server's own words are recorded on the span. */
  const explain = async ({ running }: RelayFailure, { span }: CallContext): Promise<GatewayError> => {
    const { result } = running;
    try {
      if (result.type === 'failed') return result.error;
      const options = { span, running, pace, later, forwardsKey, follow: () => undefined };
      const answer = readAnswer(result.answer, options);
      for (;;) {
        const { done, value } = await answer.next();
        if (done) return value.error ?? new GatewayError('backend_error', 'The model provider failed.');
      }
    } finally {
      running.release();
    }
  };

  return {
    kind: 'turn',
    name: backend.name,
    provider: backend.provider,
    support: TRANSLATION_SUPPORT,
    knows: backend.knows,
    models: backend.models,
    async submit(context, turn): Promise<RunningTurn> {
      await recordClientResults(context.span, turn.history, pace);
      const messages = messagesOf(turn);
      const running = await send(context, turn, messages, null).catch(async (thrown: unknown) => {
        throw thrown instanceof RelayFailure ? await explain(thrown, context) : thrown;
      });
      return runTranslated(turn, running, context.span, {
        ...{ pace, later, newId, forwardsKey },
        sendAgain: (span, behind) => send(context, turn, [...messages, ...behind], span),
      });
    },
  };
};
