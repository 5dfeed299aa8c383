import { createMirrorBuilder } from './mirror-builder.ts';
import {
  APP_SERVER,
  appServerSpans,
  backendIo,
  chunk,
  delta,
  finish,
  type Recorded,
  receive,
  submit,
} from './request-steps.ts';

export const streamedChat = (): Recorded => {
  const mirror = createMirrorBuilder();
  receive(mirror);
  submit(mirror);
  mirror.event({
    on: 'backend_io',
    kind: 'rpc_notification',
    ms: 26,
    payload: { method: 'turn/started', params: { threadId: 'thr_01' } },
  });
  for (const [index, word] of ['Because', ' air', ' scatters', ' blue', ' light', ' most.'].entries()) {
    const ms = 411.8 + index * 120;
    mirror.event({ on: 'backend_io', kind: 'rpc_notification', ms, payload: delta(word) });
    mirror.event({ on: 'client_egress', kind: 'client_sse', ms: ms + 0.6, payload: chunk(word) });
  }
  mirror.event({
    on: 'backend_io',
    kind: 'rpc_notification',
    ms: 1180,
    payload: {
      method: 'turn/completed',
      params: { threadId: 'thr_01', turn: { id: 'turn_01', status: 'completed' } },
    },
  });
  mirror.span({ ...backendIo, to: 1180.4 });
  mirror.event({ on: 'client_egress', kind: 'client_sse_done', ms: 1181, payload: '[DONE]' });
  mirror.span({ name: 'client_egress', from: 412, to: 1181.6, attributes: { outcome: 'completed' } });
  const usage = mirror.usage({ ms: 1182.4, first_token_ms: 412.3 });
  finish(mirror, usage, { from: 1182, to: 1183.1 });
  appServerSpans(mirror, 1180, () => undefined);
  return { reqId: mirror.reqId, proto: mirror.lines, usage: [usage], access: [mirror.access(1183.4)] };
};

export const toolCall = (): Recorded => {
  const mirror = createMirrorBuilder({ mode: 'chat_nonstream' });
  receive(mirror);
  submit(mirror);
  const item = { id: 'item_02', type: 'commandExecution', command: 'ls -la' };
  mirror.event({
    on: 'execute_tool',
    kind: 'tool_block',
    ms: 180,
    payload: { ...item, status: 'inProgress' },
  });
  mirror.event({
    on: 'execute_tool',
    kind: 'tool_block',
    ms: 642,
    payload: { ...item, status: 'completed', exitCode: 0, output: 'total 8\n\u001b[31mREADME.md\u001b[0m\n' },
  });
  mirror.span({ name: 'execute_tool shell', id: 'execute_tool', parent: 'backend_io', from: 180, to: 642 });
  mirror.event({
    on: 'backend_io',
    kind: 'rpc_notification',
    ms: 411.8,
    payload: delta('There is one file: 読んでください.md 🎉'),
  });
  mirror.span({ ...backendIo, to: 902 });
  mirror.event({
    on: 'client_egress',
    kind: 'client_json',
    ms: 903,
    status: 200,
    payload: {
      id: 'chatcmpl_5d2c1f0a9b3e',
      choices: [{ message: { role: 'assistant', content: 'There is one file: 読んでください.md 🎉' } }],
    },
    truncated: { bytes: 91234, sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
  });
  mirror.span({ name: 'client_egress', from: 902.6, to: 904 });
  const usage = mirror.usage({ ms: 905, first_token_ms: 412 });
  finish(mirror, usage, { from: 904.5, to: 906 });
  appServerSpans(mirror, 900, () => {
    mirror.span({
      service: APP_SERVER,
      name: 'execute_tool shell',
      id: 'as.tool',
      parent: 'run_turn',
      from: 182,
      to: 640,
    });
  });
  return { reqId: mirror.reqId, proto: mirror.lines, usage: [usage], access: [mirror.access(906.2)] };
};

export const failure = (): Recorded => {
  const mirror = createMirrorBuilder({ mode: 'chat_nonstream' });
  const error = {
    type: 'backend_exited',
    message: 'The backend process ended (signal SIGKILL) while it answered.',
  };
  receive(mirror);
  submit(mirror);
  mirror.event({ on: 'backend_io', kind: 'rpc_notification', ms: 411.8, payload: delta('Becau') });
  mirror.event({
    on: 'backend_io',
    kind: 'backend_exit',
    ms: 530,
    payload: { pid: 4711, code: null, signal: 'SIGKILL' },
  });
  mirror.span({ ...backendIo, to: 530.3, error });
  mirror.event({
    on: 'client_egress',
    kind: 'client_json',
    ms: 531,
    status: 502,
    payload: {
      error: {
        message: error.message,
        type: 'server_error',
        param: null,
        code: 'backend_exited',
        request_id: mirror.reqId,
      },
    },
  });
  mirror.span({
    name: 'client_egress',
    from: 530.8,
    to: 532,
    attributes: { outcome: 'backend_exit' },
    error,
  });
  const usage = mirror.usage({
    ms: 532.6,
    status_code: 502,
    outcome: 'backend_exit',
    error_code: 'backend_exited',
    usage_source: 'missing',
    usage: null,
    response_model: null,
  });
  finish(mirror, usage, { from: 532.2, to: 533, error });
  return {
    reqId: mirror.reqId,
    proto: mirror.lines,
    usage: [usage],
    access: [
      mirror.access(533.2, {
        status_code: 502,
        outcome: 'backend_exit',
        msg: 'POST /v1/chat/completions 502',
      }),
    ],
  };
};
