import type { EventLine } from '../telemetry/mirror/line.ts';
import type { Phase } from '../telemetry/phases.ts';
import { payloadField } from './line-facts.ts';

/** What the events of a span say about it while its own line is missing. */
export interface OpenSpan {
  readonly name: string;
  readonly kind: string;
  readonly phase: Phase | null;
  /** Where it hangs: below the SERVER span, or below the submission of the request to the backend. */
  readonly below: 'server' | 'backend_submission';
}

/** A span of which nothing is known but that others hang below it. */
export const OPEN_SPAN: OpenSpan = { name: '(open span)', kind: 'INTERNAL', phase: null, below: 'server' };

/** The same, of a span that will not be written any more. */
export const LOST_SPAN: OpenSpan & { readonly isLost: true } = {
  ...OPEN_SPAN,
  name: '(parent not written)',
  isLost: true,
};

export const openPhase = (phase: Phase): OpenSpan => ({
  name: phase,
  kind: phase === 'backend_io' ? 'CLIENT' : 'INTERNAL',
  phase,
  below: 'server',
});

/** A call to the backend has a span to itself, on which its request stands alone. */
const openCall = (events: readonly EventLine[]): OpenSpan | null => {
  const requests = events.filter(({ kind, direction }) => kind === 'rpc_request' && direction === 'outbound');
  const [request] = requests;
  if (!request || requests.length > 1) return null;
  const method = payloadField(request.payload, 'method');
  return {
    name: typeof method === 'string' ? method : 'rpc call',
    kind: 'CLIENT',
    phase: null,
    below: 'backend_submission',
  };
};

/** The phase whose span holds these events, told by the kinds that happen nowhere else. */
const phaseOf = (events: readonly EventLine[]): Phase | null => {
  const phases = events
    .filter(({ kind }) => kind !== null && kind !== 'trace_error')
    .map(({ phase }) => phase);
  return (
    (['http_ingress', 'client_egress', 'usage_summary', 'backend_io', 'backend_submission'] as const).find(
      (phase) => phases.includes(phase),
    ) ?? null
  );
};

/** True for the events of a SERVER span: they name the route, and no phase. */
export const isOnServerSpan = (events: readonly EventLine[]): boolean =>
  events.every(({ kind, phase, route }) => kind === null && phase === null && route !== null);

/** Names a span by its events. A phase happens once, so what its closed span leaves open is something else. */
export const describeOpenSpan = (
  events: readonly EventLine[],
  closedPhases: ReadonlySet<Phase>,
): OpenSpan => {
  const call = openCall(events);
  if (call) return call;
  const phase = phaseOf(events);
  return phase && !closedPhases.has(phase) ? openPhase(phase) : OPEN_SPAN;
};
