import type { Core } from '../core/index.ts';
import { sizeOf, type Thread } from '../core/thread.ts';
import type { ThreadStore } from '../core/thread-store.ts';
import { type TurnRequest, viewOfStart } from '../core/turn.ts';
import { createId } from '../ids.ts';
import {
  type Fields,
  readFields,
  readObject,
  readOneOf,
  readOptionalString,
  readString,
} from '../rpc/params.ts';
import type { Handlers } from '../rpc/request-boundary.ts';
import { readInput } from './thread-params.ts';

const PREVIEW_LENGTH = 80;
const TARGETS = ['uncommittedChanges', 'baseBranch', 'commit', 'custom'] as const;

const BARE: Omit<TurnRequest, 'kind' | 'input'> = {
  model: undefined,
  effort: undefined,
  outputSchema: undefined,
};

const readTurn = (fields: Fields): TurnRequest => ({
  kind: 'regular',
  input: readInput(fields),
  model: readOptionalString(fields, 'model'),
  effort: readOptionalString(fields, 'effort'),
  outputSchema: fields.outputSchema ?? undefined,
});

const describeTarget = (target: Fields): string => {
  switch (readOneOf(target, 'type', TARGETS, 'target.type')) {
    case 'uncommittedChanges':
      return 'Review the uncommitted changes.';
    case 'baseBranch':
      return `Review the changes against ${readString(target, 'branch', 'target.branch')}.`;
    case 'commit':
      return `Review the commit ${readString(target, 'sha', 'target.sha')}.`;
    case 'custom':
      return readString(target, 'instructions', 'target.instructions');
  }
};

/** Model and effort of a turn hold for the turns after it, as the real server documents. */
const settle = (thread: Thread, { model, input }: TurnRequest): void => {
  thread.model = model ?? thread.model;
  const [first] = input;
  if (thread.preview === '' && first?.type === 'input_text')
    thread.preview = first.text.slice(0, PREVIEW_LENGTH);
};

export const createTurnHandlers = (store: ThreadStore, core: Core): Handlers => {
  const threadOf = (fields: Fields) => store.get(readString(fields, 'threadId'));
  const reserve = (thread: Thread, input: readonly object[], schema: unknown = null): void =>
    store.reserve(thread, sizeOf([...input, { schema }]));

  return {
    'turn/start'(params, client) {
      const fields = readFields(params);
      const thread = threadOf(fields);
      const request = readTurn(fields);
      reserve(thread, request.input, request.outputSchema);
      if (thread.active) {
        // One active turn a thread: the real server takes a second start as steering, and answers with the turn that runs.
        core.steer(thread, thread.active.info.turnId, [...request.input]);
        return { turn: viewOfStart(thread.active) };
      }
      settle(thread, request);
      return { turn: viewOfStart(core.startTurn(thread, request, client)) };
    },
    'turn/interrupt'(params) {
      const fields = readFields(params);
      const turnId = readString(fields, 'turnId');
      core.interrupt(threadOf(fields), turnId);
      return {};
    },
    'turn/steer'(params) {
      const fields = readFields(params);
      const turnId = readString(fields, 'expectedTurnId');
      const input = readInput(fields);
      const thread = threadOf(fields);
      reserve(thread, input);
      core.steer(thread, turnId, input);
      return { turnId };
    },
    'review/start'(params, client) {
      const fields = readFields(params);
      const thread = threadOf(fields);
      const text = describeTarget(readObject(fields, 'target'));
      const input = [{ type: 'input_text' as const, text }];
      reserve(thread, input);
      const turn = viewOfStart(
        core.startTurn(thread, { ...BARE, kind: 'review', input, review: text }, client),
      );
      const content = [{ type: 'text', text, text_elements: [] }];
      const item = {
        type: 'userMessage',
        id: createId(),
        clientId: null,
        content,
        startedAtMs: null,
        completedAtMs: null,
      };
      return { turn: { ...turn, items: [item] }, reviewThreadId: thread.id };
    },
    'thread/compact/start'(params, client) {
      const thread = threadOf(readFields(params));
      core.startTurn(thread, { ...BARE, kind: 'compact', input: [] }, client);
      return {};
    },
  };
};
