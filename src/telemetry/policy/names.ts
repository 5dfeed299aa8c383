import { PHASES } from '../phases.ts';
import type { DescribeWords } from './words.ts';

type Values = Readonly<Record<string, unknown>>;

/** Names of spans that hold nothing of a client's: ours and the embedded app-server's. */
const SPANS: ReadonlySet<string> = new Set([
  ...PHASES,
  'HTTP',
  'app_server.request',
  'app_server.dispatch',
  'app_server.turn',
  'run_turn',
  'model_request',
]);

const EVENTS: ReadonlySet<string> = new Set([
  'exception',
  'throughline.traceparent.invalid',
  'throughline.tracestate.invalid',
  'app_server.invalid_trace_carrier',
]);

const METHOD = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|QUERY|_OTHER|HTTP)$/;
const OPERATIONS: ReadonlySet<string> = new Set([
  'chat',
  'text_completion',
  'embeddings',
  'invoke_agent',
  'execute_tool',
]);

const isRpcMethod = (name: string): boolean => /^[A-Za-z]{1,32}(?:\/[A-Za-z_]{1,32}){0,3}$/.test(name);

/** Where in the program it was made: what a Rust program's span or event says of itself. */
const placeOf = (attributes: Values): string | null => {
  const { 'code.module.name': module, 'code.line.number': line } = attributes;
  if (typeof module !== 'string' || !/^[\w:]{1,128}$/.test(module)) return null;
  return line === undefined ? module : `${module}:${String(line)}`;
};

/** Most names say an operation and on what; the second part is shown where an attribute that may leave says the same. */
const operationOf = (name: string, attributes: Values): string | null => {
  const [operation = '', ...rest] = name.split(' ');
  const on = rest.join(' ');
  if (METHOD.test(operation)) return on === '' || on === attributes['http.route'] ? name : operation;
  if (!OPERATIONS.has(operation)) return null;
  const told = [
    attributes['gen_ai.request.model'],
    attributes['gen_ai.agent.name'],
    attributes['gen_ai.tool.name'],
  ];
  return on === '' || told.includes(on) ? name : operation;
};

/**
 * The name of a span as it may leave whatever is captured.
 *
 * @param attributes - those of the span, as they may leave
 */
export const showSpanName = (name: string, attributes: Values, describeWords: DescribeWords): string => {
  if (SPANS.has(name) || (name === attributes['rpc.method'] && isRpcMethod(name))) return name;
  return operationOf(name, attributes) ?? placeOf(attributes) ?? describeWords(name);
};

/** The same for an event. */
export const showEventName = (name: string, attributes: Values, describeWords: DescribeWords): string =>
  EVENTS.has(name) || /^event [\w./-]+\.rs:\d+$/.test(name)
    ? name
    : (placeOf(attributes) ?? describeWords(name));
