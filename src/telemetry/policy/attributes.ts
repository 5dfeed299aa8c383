import { isKnownKey } from '../sanitize/payload.ts';
import type { DescribeWords } from './words.ts';

type Values = Readonly<Record<string, unknown>>;
type Rule = (text: string, others: Values) => boolean;

/** One word of a program: no text has a blank less than this. */
const isWord: Rule = (text) => /^[\w./:@+,;=()<>[\]{}*#|~-]{0,256}$/.test(text);
const isCount: Rule = (text) => /^\d{1,12}$/.test(text);
const isLine: Rule = (text) => /^[\x20-\x7e]{0,512}$/.test(text);
const oneOf = (words: string): Rule => {
  const known = new Set(words.split(' '));
  return (text) => known.has(text);
};

/** Paths that hold nothing of a client: those of our routes without a parameter. */
const isPlainPath = oneOf('/ /livez /readyz /healthz /metrics /openapi.json /docs');
const isOwnPath: Rule = (path, others) =>
  path === others['http.route'] || path === others['route'] || isPlainPath(path, others);

/** A field of a body, such as `messages[0].content`, all of whose names are those of the APIs. */
const isKnownField: Rule = (path) =>
  path.split(/[.[\]]+/).every((name) => name === '' || /^\d+$/.test(name) || isKnownKey(name));

const group = (rule: Rule, names: string): [string, Rule][] => names.split(/\s+/).map((name) => [name, rule]);

/**
 * The attributes whose text may leave whatever is captured, each with the rule that its text has to keep: words of ours, of the protocols
 * and of programs, and ids that backends make. The text of every other attribute leaves as size and hash. Numbers and booleans stay.
 */
const RULES: ReadonlyMap<string, Rule> = new Map([
  ...group(
    isWord,
    `req_id phase kind direction route method mode outcome error.type exception.type
     throughline.backend throughline.usage_source throughline.error.code throughline.error.cause_type throughline.ignored_parameters throughline.emulated_parameters`,
  ),
  ...group(isKnownField, 'throughline.error.param'),
  ...group(
    isWord,
    `http.request.method http.route url.scheme url.template network.transport network.type network.protocol.name network.protocol.version
     network.peer.address network.local.address client.address server.address`,
  ),
  ...group(isOwnPath, 'url.path'),
  ...group(isLine, 'user_agent.original'),
  ...group(
    isWord,
    `rpc.system rpc.system.name rpc.service rpc.method rpc.status_code rpc.transport app_server.connection_id app_server.api_version
     app_server.client_name app_server.client_version app_server.thread_id app_server.turn_id app_server.turn_kind
     app_server.turn_status`,
  ),
  ...group(isCount, 'jsonrpc.request.id rpc.request_id'),
  ...group(
    isWord,
    `gen_ai.operation.name gen_ai.provider.name gen_ai.agent.name gen_ai.request.model gen_ai.response.model gen_ai.response.id
     gen_ai.conversation.id gen_ai.output.type gen_ai.response.finish_reasons gen_ai.tool.type`,
  ),
  ...group(oneOf('shell apply_patch web_search'), 'gen_ai.tool.name'),
  // What a server's error is called, and what gateways before this one say of it; its message is content.
  ...group(
    isWord,
    `openai.api.type throughline.upstream.error.code throughline.upstream.error.type throughline.upstream.error.request_id
     throughline.upstream.error.service throughline.upstream.error.cause_type`,
  ),
  // What the code of a program says of itself, and Codex of its turns.
  ...group(
    isWord,
    `code.file.path code.module.name code.namespace code.function code.function.name thread.name target level event.name
     event.timestamp app.version originator conversation.id thread.id thread_id turn.id turn_id submission.id session_id
     model slug provider_name wire_api transport approval_policy sandbox_policy reasoning_summary build_mode startup.phase
     startup.status http.method api.path endpoint refresh_strategy codex.op codex.turn.phase codex.tool.phase
     codex.turn.reasoning_effort codex.request.reasoning_effort tool_source tool_origin stop_reason success`,
  ),
  // `problem` is a word of the embedded app-server about a trace context.
  ...group(isLine, 'problem'),
]);

/** Counts that a program tells as text: no content has such names. */
const isCountKey = (key: string): boolean => /(?:_|^)(?:count|length|ms|code|seq|attempt|total)$/.test(key);

/** Whether the text of this attribute may leave whatever is captured. */
const isShown = (key: string, text: string, others: Values): boolean =>
  RULES.get(key)?.(text, others) ?? (isCountKey(key) && isCount(text, others));

/** What may leave of attributes, whatever is captured. */
export interface AttributePolicy {
  /** The text of an attribute, or its description. */
  text(key: string, text: string, others: Values): string;
  /** Keys are in the code of whoever made the span; one that is not such a name is somebody's words. */
  key(key: string): string;
  /** The attributes of a span or an event, with the text of those alone that may leave. The same object where that changes nothing. */
  attributes<Attributes extends object>(attributes: Attributes): Attributes;
}

export const createAttributePolicy = (describeWords: DescribeWords): AttributePolicy => {
  const text = (key: string, value: string, others: Values): string =>
    isShown(key, value, others) ? value : describeWords(value);

  const showValue = (key: string, value: unknown, others: Values): unknown => {
    if (typeof value === 'string') return text(key, value, others);
    if (!Array.isArray(value)) return value;
    const shown = value.map((item: unknown) => (typeof item === 'string' ? text(key, item, others) : item));
    return shown.some((item, index) => item !== value[index]) ? shown : value;
  };

  return {
    text,
    key: (key) => (/^[A-Za-z][\w.-]{0,99}$/.test(key) ? key : describeWords(key)),
    attributes(attributes) {
      const others = attributes as Values;
      const changes = Object.entries(attributes).flatMap(([key, value]) => {
        const shown = showValue(key, value, others);
        return shown === value ? [] : [[key, shown] as const];
      });
      return changes.length === 0 ? attributes : { ...attributes, ...Object.fromEntries(changes) };
    },
  };
};
