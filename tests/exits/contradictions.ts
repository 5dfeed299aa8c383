import type { SpanLine } from '../../src/telemetry/mirror/line.ts';
import { PHASES, type Phase } from '../../src/telemetry/phases.ts';
import { type ClientView, viewOf } from './answer.ts';
import { attribute, finishOf, isFailed, isServer, type Records } from './records.ts';
import type { Response } from './wire.ts';

/** What one record says, and where; undefined where it has nothing to say. */
type Saying = readonly [where: string, what: unknown];

/** All that speak must say the same. */
const disagreeing = (about: string, sayings: readonly Saying[]): string[] => {
  const spoken = sayings.filter(([, what]) => what !== undefined);
  if (new Set(spoken.map(([, what]) => what)).size <= 1) return [];
  return [`${about}: ${spoken.map(([where, what]) => `${where} says ${what}`).join(', ')}`];
};

const counted = (what: string, count: number, wanted = 1): string[] =>
  count === wanted ? [] : [`${count} × ${what} instead of ${wanted}`];

const spanOf = ({ spans }: Records, name: string): SpanLine | undefined =>
  spans.find((span) => span.name === name);

const wordsOf = (records: Records, name: string) => {
  const span = name === 'SERVER' ? records.spans.find(isServer) : spanOf(records, name);
  return (attributeName: string) => span && attribute(span, attributeName);
};

const counts = ({ spans, events, usage, access }: Records): string[] => [
  ...counted('the usage record', usage.length),
  ...counted('the access line', access.length),
  ...counted('the SERVER span', spans.filter(isServer).length),
  ...counted("the mirror's usage event", events.filter(({ kind }) => kind === 'usage').length),
  ...counted('usage_summary', spans.filter(({ name }) => name === 'usage_summary').length),
  ...PHASES.flatMap((phase) => {
    const count = spans.filter(({ name }) => name === phase).length;
    return count > 1 ? counted(phase, count) : [];
  }),
];

/** Phases begin in their order, below the SERVER span and in its trace. */
const tree = ({ spans }: Records): string[] => {
  const server = spans.find(isServer);
  const phases = spans
    .filter(({ name }) => PHASES.some((phase) => phase === name))
    .sort((a, b) => Number(BigInt(a.otlp.startTimeUnixNano) - BigInt(b.otlp.startTimeUnixNano)))
    .map(({ name }) => name);
  const inOrder = PHASES.filter((phase) => phases.includes(phase));
  const elsewhere = spans.filter(({ trace_id }) => trace_id !== server?.trace_id);
  const strays = spans.filter(
    ({ name, parent_span_id }) => phases.includes(name) && parent_span_id !== server?.span_id,
  );
  const known = new Set(spans.map(({ span_id }) => span_id));
  const orphans = spans.filter(
    (span) => !isServer(span) && !(span.parent_span_id && known.has(span.parent_span_id)),
  );
  return [
    ...orphans.map(({ name }) => `the parent of ${name} is no span of the request's`),
    ...(phases.join() === inOrder.join() ? [] : [`the phases began as ${phases.join(', ')}`]),
    ...elsewhere.map(({ name }) => `${name} is in another trace`),
    ...strays.map(({ name }) => `${name} is not below the SERVER span`),
  ];
};

/** A backend that has done its part says so on its own span, whatever becomes of the request after it. */
const outcomeOf = (records: Records, phase: Phase): unknown => {
  const outcome = wordsOf(records, phase)('outcome');
  return phase === 'backend_io' && outcome === 'completed' ? undefined : outcome;
};

const payloadOf = ({ events }: Records): Record<string, unknown> =>
  (events.find(({ kind }) => kind === 'usage')?.payload ?? {}) as Record<string, unknown>;

const words = (records: Records, view: ClientView, left: boolean): string[] => {
  const [usage] = records.usage;
  const [access] = records.access;
  const event = payloadOf(records);
  const server = records.spans.find(isServer);
  const told = (name: string): Saying => [name, wordsOf(records, name)('throughline.error.code')];
  return [
    ...disagreeing('the outcome', [
      ['the SERVER span', wordsOf(records, 'SERVER')('outcome')],
      ...PHASES.map((phase): Saying => [phase, outcomeOf(records, phase)]),
      ['the mirror', event['outcome']],
      ['the usage record', usage?.outcome],
      ['the access line', access?.['outcome']],
    ]),
    ...disagreeing('the error code', [
      ['the client', left ? undefined : view.code],
      ...PHASES.filter((phase) => phase !== 'usage_summary').map(told),
      ['usage_summary', wordsOf(records, 'usage_summary')('throughline.error.code') ?? null],
      ['the mirror', event['error_code']],
      ['the usage record', usage?.error_code],
      ['the access line', access?.['error_code']],
    ]),
    ...disagreeing('why the SERVER span failed', [
      ['it', server && isFailed(server) ? attribute(server, 'error.type') : undefined],
      ['the usage record', usage?.error_code ?? undefined],
    ]),
    ...disagreeing('why the model stopped', [
      ['backend_io', view.finish === null ? undefined : finishOf(records)],
      ['the client', view.finish ?? undefined],
    ]),
    ...disagreeing('the source of the usage', [
      ['usage_summary', wordsOf(records, 'usage_summary')('throughline.usage_source')],
      ['the mirror', event['usage_source']],
      ['the usage record', usage?.usage_source],
    ]),
  ];
};

/** What was sent is on the SERVER span; records have it too, or 499 where nothing was. */
const statuses = (records: Records, { status }: Response): string[] => {
  const [usage] = records.usage;
  const [access] = records.access;
  const event = records.events.find(({ kind }) => kind === 'usage');
  const json = records.events.find(({ kind }) => kind === 'client_json');
  return [
    ...disagreeing('the status', [
      ['the usage record', usage?.status_code],
      ['the access line', access?.['status_code']],
      ['the mirror', event?.status_code],
      ['client_json', status === null ? undefined : json?.status_code],
      ['the client', status ?? undefined],
    ]),
    ...disagreeing('the status that was sent', [
      ['the SERVER span', wordsOf(records, 'SERVER')('http.response.status_code') ?? null],
      ['the client', status],
    ]),
  ];
};

/** The API's last frame is told when it was written, and only then. */
const endings = ({ events }: Records, { answer }: ClientView, left: boolean): string[] => {
  const isWhole = answer === 'stream, [DONE]' || /response\.(completed|incomplete)$/.test(answer);
  const done = events.filter(({ kind }) => kind === 'client_sse_done').length;
  return left ? [] : counted('client_sse_done', done, Number(isWhole));
};

/** A request whose backend died has that in its own events, and no other has. */
const exits = ({ events, usage }: Records): string[] => {
  const died = usage[0]?.error_code === 'backend_exited';
  return counted('backend_exit', events.filter(({ kind }) => kind === 'backend_exit').length, Number(died));
};

/** Whatever two records of a request say of it differently; empty when they agree. */
export const contradictions = (reqId: string, response: Response, records: Records): string[] => {
  const view = viewOf(response);
  const left = records.usage[0]?.outcome === 'client_disconnect';
  const ids: Saying[] = [
    ['the request', reqId],
    ['the header', response.headers['x-request-id']],
    ['the error', view.errorReqId ?? undefined],
  ];
  return [
    ...counts(records),
    ...tree(records),
    ...disagreeing('the request id', ids),
    ...words(records, view, left),
    ...statuses(records, response),
    ...endings(records, view, left),
    ...exits(records),
  ];
};
