import { createRelayIo, type RelayIoOptions } from '../../src/backend/relay-io.ts';
import type { RelayAnswer } from '../../src/gateway/ports.ts';
import type {
  RelayEvent,
  RelayedAnswer,
  RelayFlow,
  RelayRequest,
  RunningRelay,
  TakeRelayed,
} from '../../src/gateway/relay.ts';
import type { UpstreamCase } from '../fixtures/upstream/index.ts';
import { createFakeExchange, type FakeExchange } from './fake-exchange.ts';
import { aRelayRequest, aRunningRelay } from './fake-relay.ts';
import { noPace } from './pace.ts';

/** What a server sends, read by read; an error in the list is thrown in its place. */
export async function* reads(
  ...pieces: readonly (string | Uint8Array | Error)[]
): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece;
    yield Buffer.from(piece as Uint8Array);
  }
}

export interface AnswerParts {
  readonly request?: Partial<RelayRequest>;
  readonly running?: Partial<RunningRelay>;
  readonly answer?: Partial<RelayedAnswer>;
  readonly type?: string;
  readonly forwardsKey?: boolean;
}

/** An answer of the server `next`. */
export const aRelayAnswer = ({
  request,
  running,
  answer,
  type = 'application/json',
  forwardsKey = false,
}: AnswerParts): RelayAnswer => {
  const headers = { 'content-type': type };
  return {
    type: 'relay',
    request: aRelayRequest(request),
    backend: { name: 'next', provider: 'openai', forwardsKey },
    running: aRunningRelay({
      result: {
        type: 'answer',
        answer: {
          status: 200,
          headers,
          shownHeaders: headers,
          bytes: reads('{}'),
          hidesUsage: false,
          ...answer,
        },
      },
      ...running,
    }),
  };
};

const TARGETS = {
  chat: '/chat/completions',
  completions: '/completions',
  responses: '/responses',
  embeddings: '/embeddings',
  moderations: '/moderations',
} as const;

/** An answer of the corpus. */
export const answerOfCase = ({ api, stream, status, contentType, chunks }: UpstreamCase): RelayAnswer =>
  aRelayAnswer({
    request: { api, stream, target: TARGETS[api] },
    answer: { status, bytes: reads(...chunks) },
    type: contentType,
  });

/** Keeps all events. */
export const takeInto =
  (events: RelayEvent[]): TakeRelayed =>
  (event) => {
    events.push(event);
    return null;
  };

/** A flow of these events. */
export const flowOf =
  (...events: readonly RelayEvent[]): RelayFlow =>
  async (take) => {
    for (const event of events) await take(event);
  };

/** All that phase 3 tells of an answer, with its span. */
export const tellRelay = async (
  answer: RelayAnswer,
  exchange: FakeExchange = createFakeExchange(),
  options: RelayIoOptions = {},
) => {
  const events: RelayEvent[] = [];
  await createRelayIo({ pace: noPace, ...options })(exchange, answer)(takeInto(events));
  const span = exchange.trace.phases.get('backend_io');
  if (!span) throw new Error('no span');
  const last = events.at(-1);
  if (last?.type !== 'end' && last?.type !== 'failed') throw new Error('no end');
  const bytes = Buffer.concat(events.map((event) => ('bytes' in event ? event.bytes : new Uint8Array())));
  return { events, span, exchange, last, end: last.end, text: bytes.toString(), bytes };
};
