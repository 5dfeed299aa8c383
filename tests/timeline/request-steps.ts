import type { UsageRecord } from '../../src/usage/usage-record.ts';
import type { MirrorBuilder } from './mirror-builder.ts';

/** What the three files hold of a request. */
export interface Recorded {
  readonly reqId: string;
  readonly proto: readonly unknown[];
  readonly usage: readonly unknown[];
  readonly access: readonly unknown[];
}

export const APP_SERVER = 'throughline-app-server';

export const delta = (text: string) => ({
  method: 'item/agentMessage/delta',
  params: { threadId: 'thr_01', turnId: 'turn_01', itemId: 'item_01', delta: text },
});

export const chunk = (content: string) => ({
  id: 'chatcmpl_5d2c1f0a9b3e',
  object: 'chat.completion.chunk',
  model: 'gpt-5.5',
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
});

export const receive = (mirror: MirrorBuilder): void => {
  mirror.event({
    on: 'http_ingress',
    kind: 'client_request',
    ms: 0.8,
    payload: {
      model: 'gpt-5.5',
      stream: true,
      messages: [{ role: 'user', content: 'Why is the sky blue?' }],
    },
  });
  mirror.span({ name: 'http_ingress', from: 0.3, to: 1.4 });
};

/** One call to the app-server with the span that the app-server made of it. */
export const call = (
  mirror: MirrorBuilder,
  rpcId: number,
  method: string,
  from: number,
  to: number,
  result: unknown,
): void => {
  mirror.event({
    on: method,
    kind: 'rpc_request',
    ms: from + 0.1,
    payload: { id: rpcId, method, params: { cwd: '/work' } },
  });
  mirror.event({ on: method, kind: 'rpc_response', ms: to - 0.1, payload: { id: rpcId, result } });
  mirror.span({
    name: method,
    parent: 'backend_submission',
    kind: 'CLIENT',
    from,
    to,
    attributes: { 'rpc.method': method },
  });
};

export const submit = (mirror: MirrorBuilder): void => {
  call(mirror, 6, 'thread/start', 2, 14, { thread: { id: 'thr_01' } });
  call(mirror, 7, 'turn/start', 14.5, 21, { turn: { id: 'turn_01', status: 'inProgress' } });
  mirror.span({ name: 'backend_submission', from: 1.6, to: 21.4 });
};

/** The span of the whole request, which ends last. */
export const serve = (mirror: MirrorBuilder): void => {
  mirror.span({
    name: 'POST /v1/chat/completions',
    id: 'server',
    parent: null,
    kind: 'SERVER',
    from: 0,
    to: 900,
  });
};

export const appServerSpans = (mirror: MirrorBuilder, end: number, work: () => void): void => {
  const span = { service: APP_SERVER };
  mirror.span({
    ...span,
    name: 'app_server.request',
    id: 'as.thread',
    parent: 'thread/start',
    kind: 'SERVER',
    from: 3,
    to: 13,
  });
  mirror.span({
    ...span,
    name: 'app_server.request',
    id: 'as.turn',
    parent: 'turn/start',
    kind: 'SERVER',
    from: 15,
    to: 20.5,
  });
  mirror.span({ ...span, name: 'model_request', parent: 'run_turn', kind: 'CLIENT', from: 30, to: end - 8 });
  work();
  mirror.span({ ...span, name: 'run_turn', parent: 'turn', from: 24, to: end - 4 });
  mirror.span({ ...span, name: 'turn', parent: 'dispatch', from: 22, to: end - 2 });
  mirror.span({ ...span, name: 'dispatch', parent: 'as.turn', from: 16, to: 22.5 });
};

export const backendIo = {
  name: 'backend_io',
  from: 21.6,
  attributes: { 'gen_ai.response.time_to_first_chunk': 0.3904 },
};

/** The last phase and the SERVER span, as they follow from the usage record. */
export const finish = (
  mirror: MirrorBuilder,
  record: UsageRecord,
  { from, to, error }: { from: number; to: number; error?: { type: string; message: string } },
): void => {
  const { outcome, usage_source, usage, error_code, status_code } = record;
  const payload = { outcome, usage_source, usage, error_code };
  mirror.event({ on: 'usage_summary', kind: 'usage', ms: from + 0.3, status: status_code, payload });
  mirror.span({ name: 'usage_summary', from, to: from + 0.6 });
  const server = { name: 'POST /v1/chat/completions', id: 'server', parent: null, kind: 'SERVER' } as const;
  mirror.span({ ...server, from: 0, to, ...(error && { error }) });
};
