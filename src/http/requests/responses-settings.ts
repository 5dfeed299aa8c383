import type { ResponsesEcho, Turn } from '../../gateway/turn.ts';
import type { SupportTable, TurnSupport } from '../../gateway/turn-support.ts';
import { settingsOf } from './parameters.ts';
import type { ResponsesRequest } from './responses-schema.ts';

/** What becomes of each parameter, and of the words of the other API that a client may bring along: what chat refuses asks for another answer here as well. */
export const responsesWords = ({ parameters: { chat, responses } }: TurnSupport): SupportTable => ({
  ...Object.fromEntries(Object.entries(chat).filter(([, { support }]) => support === 'refused')),
  ...responses,
});

/** The form of the answer as Chat Completions has it; null where it has no schema. */
export const toFormat = (format: NonNullable<ResponsesRequest['text']>['format']): Turn['format'] => {
  if (format?.type !== 'json_schema') return null;
  const { type, name, schema, description, strict } = format;
  const described = { ...(description != null && { description }), ...(strict != null && { strict }) };
  return { type, json_schema: { name, schema, ...described } };
};

/** What goes on as it came. `text` and its words have a place of their own in this API. */
export const toSettings = (body: ResponsesRequest, support: TurnSupport): Turn['settings'] => {
  const verbosity = body.text?.verbosity;
  return {
    ...settingsOf(support.parameters.responses, body),
    ...(support.details && verbosity != null && { verbosity }),
  };
};

/** Of those that go on, the ones that a response repeats. */
const ECHOED = ['temperature', 'top_p', 'max_output_tokens', 'service_tier'] as const;

export const echoedSettings = (
  body: ResponsesRequest,
  { parameters: { responses } }: TurnSupport,
): NonNullable<ResponsesEcho['settings']> =>
  Object.fromEntries(
    ECHOED.flatMap((name) =>
      responses[name]?.setting !== undefined && body[name] != null ? [[name, body[name]]] : [],
    ),
  );
