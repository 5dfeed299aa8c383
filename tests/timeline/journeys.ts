import { createMirrorBuilder, type MirrorBuilder } from './mirror-builder.ts';
import { receive } from './request-steps.ts';

export const REQ_ID = 'req_5d2c1f0a9b3e';

/** One gateway's part: five phases and the call to the next, from `from` to `to`. */
const serveBy = (mirror: MirrorBuilder, caller: string, from: number, to: number): void => {
  mirror.event({ on: 'POST', kind: 'upstream_request', ms: from + 4, payload: { path: '/v1' } });
  mirror.span({ name: 'POST', parent: 'backend_submission', kind: 'CLIENT', from: from + 3, to: to - 20 });
  mirror.span({ name: 'backend_submission', from: from + 2, to: from + 5 });
  mirror.span({ name: 'backend_io', from: from + 5, to: to - 4 });
  mirror.span({ name: 'client_egress', from: to - 4, to: to - 3 });
  mirror.event({ on: 'usage_summary', kind: 'usage', ms: to - 1.5, status: 200, payload: {} });
  mirror.span({ name: 'usage_summary', from: to - 2, to: to - 1 });
  const attributes = { route: '/v1/chat/completions', method: 'POST' };
  mirror.span({
    name: 'POST /v1/chat/completions',
    id: 'server',
    caller,
    kind: 'SERVER',
    from,
    to,
    attributes,
  });
};

export interface Gateways {
  readonly near: MirrorBuilder;
  readonly far: MirrorBuilder;
}

/** A request through two gateways: what each of them wrote. `farFrom` is when the far one began by its own clock. */
export const throughTwo = ({ farFrom = 10, services = ['near', 'far'], caller = 'POST' } = {}): Gateways => {
  const near = createMirrorBuilder({ service: services[0] ?? '' });
  const far = createMirrorBuilder({
    service: services[1] ?? '',
    suffix: 'F',
    traceState: `throughline=${REQ_ID}`,
    startMs: farFrom,
  });
  receive(near);
  serveBy(near, 'client', 0, 100);
  receive(far);
  serveBy(far, caller, 0, 60);
  return { near, far };
};

/** The same request sent again by the client, after the first one failed at the same gateway. */
export const sentAgain = (suffix: string, startMs: number, service = 'near'): MirrorBuilder => {
  const mirror = createMirrorBuilder({ service, suffix, startMs });
  receive(mirror);
  serveBy(mirror, 'client', 0, 100);
  return mirror;
};
