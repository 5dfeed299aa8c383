import { createMirrorBuilder } from './mirror-builder.ts';
import type { Recorded } from './request-steps.ts';
import { call, chunk, delta, receive, submit } from './request-steps.ts';

/** The gateway was killed in the middle of an answer: no span of what was open has a line. */
export const killed = (): Recorded => {
  const mirror = createMirrorBuilder();
  receive(mirror);
  submit(mirror);
  for (const [index, word] of ['Because', ' air'].entries()) {
    mirror.event({
      on: 'backend_io',
      kind: 'rpc_notification',
      ms: 411.8 + index * 120,
      payload: delta(word),
    });
    mirror.event({ on: 'client_egress', kind: 'client_sse', ms: 412.4 + index * 120, payload: chunk(word) });
  }
  return { reqId: mirror.reqId, proto: mirror.lines, usage: [], access: [] };
};

/** Killed while it waited for the answer to a call: that call's own span is open too. */
export const killedInCall = (): Recorded => {
  const mirror = createMirrorBuilder();
  receive(mirror);
  call(mirror, 6, 'thread/start', 2, 14, { thread: { id: 'thr_01' } });
  mirror.event({
    on: 'turn/start',
    kind: 'rpc_request',
    ms: 14.6,
    payload: { id: 7, method: 'turn/start', params: { threadId: 'thr_01' } },
  });
  return { reqId: mirror.reqId, proto: mirror.lines, usage: [], access: [] };
};
