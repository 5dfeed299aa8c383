import { RelayFailure } from '../../../../src/backend/http-upstream/relay/failure.ts';
import { createTranslation } from '../../../../src/backend/http-upstream/translate/translation.ts';
import type { CallContext, RelayBackend, RunningTurn } from '../../../../src/gateway/ports.ts';
import type {
  RelayContext,
  RelayedAnswer,
  RelayRequest,
  RunningRelay,
} from '../../../../src/gateway/relay.ts';
import type { Turn, TurnEvent } from '../../../../src/gateway/turn.ts';
import type { Later } from '../../../../src/later.ts';
import { chunk, DONE, events } from '../../../fixtures/upstream/upstream-case.ts';
import { aRunningRelay } from '../../../support/fake-relay.ts';
import { createFakeSpan, type FakeSpan } from '../../../support/fake-span.ts';
import { noPace } from '../../../support/pace.ts';
import { allOf as allEvents } from '../../../support/turn-events.ts';

/** What a server replies to one request: its answer's head and the reads of its body, or an error that is thrown in the place of a read. */
export type Reply = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly reads: readonly (string | Uint8Array | Error)[];
  /** The body never ends by itself. */
  readonly hangs?: boolean;
};

type Asked = {
  readonly context: RelayContext;
  readonly request: RelayRequest;
  readonly canFailOver: boolean;
  isReleased: boolean;
};

async function* bytesOf({ reads, hangs }: Reply, released: Promise<void>): AsyncGenerator<Uint8Array> {
  for (const read of reads) {
    if (read instanceof Error) throw read;
    yield typeof read === 'string' ? Buffer.from(read) : read;
  }
  if (!hangs) return;
  await released;
  throw new Error('released');
}

const answerOf = (reply: Reply, released: Promise<void>): RelayedAnswer => {
  const headers = { 'content-type': 'text/event-stream', ...reply.headers };
  const bytes = bytesOf(reply, released);
  return { status: reply.status ?? 200, headers, shownHeaders: headers, bytes, hidesUsage: true };
};

export type Step =
  | Reply
  | Error
  | RunningRelay['result']
  | { readonly failure: Reply | RunningRelay['result'] };

/** The same, as a failure that another backend may mend. */
export const asFailure = (step: Step): Step => {
  if (step instanceof Error || 'failure' in step) throw new Error('a failure has an answer');
  return { failure: step };
};

/** A server that gives these replies one after the other; an error in the list is what the request is rejected with. */
export const createScript = (...replies: readonly Step[]) => {
  const asked: Asked[] = [];
  const backend: RelayBackend = {
    kind: 'relay',
    forwardsKey: false,
    name: 'next',
    provider: 'next',
    knows: () => true,
    models: async () => [{ id: 'm-1' }],
    async relay(context, request, _model, canFailOver) {
      const reply = replies[asked.length];
      const { promise: released, resolve } = Promise.withResolvers<void>();
      const entry = { context, request, canFailOver, isReleased: false };
      asked.push(entry);
      if (!reply) throw new Error('one request more than there are replies');
      if (reply instanceof Error) throw reply;
      const told = 'failure' in reply ? reply.failure : reply;
      const result: RunningRelay['result'] =
        'type' in told ? told : { type: 'answer', answer: answerOf(told, released) };
      const release = (): void => {
        entry.isReleased = true;
        resolve();
      };
      const running = aRunningRelay({ requestedNs: 5n, sentNs: 7n, result, release });
      if ('failure' in reply) throw new RelayFailure(running);
      return running;
    },
  };
  return { asked, backend };
};

let lastId = 0;

/** Lets a turn run behind such a server. */
export const submitTo = async (
  { backend }: Pick<ReturnType<typeof createScript>, 'backend'>,
  turn: Turn,
  more: Partial<CallContext> & { later?: Later; forwardsKey?: boolean } = {},
): Promise<{ running: RunningTurn; submission: FakeSpan; io: FakeSpan }> => {
  const { later = () => () => undefined, forwardsKey = false, span: _, ...context } = more;
  const { span: submission = createFakeSpan('backend_submission') } = more as { span?: FakeSpan };
  const io = createFakeSpan('backend_io');
  const newId = () => `new_${++lastId}`;
  const translation = createTranslation({ backend: { ...backend, forwardsKey }, pace: noPace, later, newId });
  const signal = new AbortController().signal;
  const running = await translation.submit({ span: submission, signal, reqId: 'req_1', ...context }, turn);
  running.attach(io);
  return { running, submission, io };
};

export const allOf = (running: RunningTurn): Promise<TurnEvent[]> => allEvents(running.events);

/** A stream of these deltas. */
export const streamOf = (
  deltas: readonly unknown[],
  finish: string | null = 'stop',
  usage?: Readonly<Record<string, number>>,
): Reply => ({
  reads: [
    events(...deltas.map((delta) => chunk(delta)), chunk({}, finish)),
    events(...(usage ? [{ choices: [], usage }] : []), DONE),
  ],
});

export const callDelta = (name: string, args: string, id = 'c1') => ({
  tool_calls: [{ index: 0, id, type: 'function', function: { name, arguments: args } }],
});
