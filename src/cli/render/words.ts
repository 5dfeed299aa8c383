import type { Outcome, Phase } from '../../telemetry/phases.ts';
import type { Style } from './line.ts';

/** Each phase has a colour of its own, the same in the tree and in the list of events. */
export const PHASE_STYLE: Readonly<Record<Phase, Style>> = {
  http_ingress: 'cyan',
  backend_submission: 'blue',
  backend_io: 'magenta',
  client_egress: 'green',
  usage_summary: 'yellow',
};

export const MARK = { failed: '✗', firstToken: '◆', done: '✓', left: '○', open: '…' } as const;

/** How an outcome looks: what went well, what the client wanted so, what went wrong. */
export const outcomeLook = (outcome: Outcome | null): { readonly mark: string; readonly style: Style } => {
  switch (outcome) {
    case null:
      return { mark: MARK.open, style: 'yellow' };
    case 'completed':
      return { mark: MARK.done, style: 'green' };
    case 'client_disconnect':
      return { mark: MARK.left, style: 'yellow' };
    case 'invalid_request':
    case 'unauthorized':
    case 'not_found':
    case 'rate_limited':
    case 'overloaded':
    case 'timeout':
    case 'backend_error':
    case 'backend_exit':
    case 'gateway_error':
      return { mark: MARK.failed, style: 'red' };
  }
};
