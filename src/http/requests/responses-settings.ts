import type { ResponsesEcho, Turn } from '../../gateway/turn.ts';
import type { SupportTable, TurnSupport } from '../../gateway/turn-support.ts';
import { settingsOf } from './parameters.ts';
import type { ResponsesRequest } from './responses-schema.ts';

/** The support table of the Responses API, with the parameters of Chat Completions that are refused: they are refused here too. */
export const responsesWords = ({ parameters: { chat, responses } }: TurnSupport): SupportTable => ({
  ...Object.fromEntries(Object.entries(chat).filter(([, { support }]) => support === 'refused')),
  ...responses,
});

/** The format of the answer in the form of Chat Completions; null if it has no schema. */
export const toFormat = (format: NonNullable<ResponsesRequest['text']>['format']): Turn['format'] => {
  if (format?.type !== 'json_schema') return null;
  const { type, name, schema, description, strict } = format;
  const described = { ...(description != null && { description }), ...(strict != null && { strict }) };
  return { type, json_schema: { name, schema, ...described } };
};

/** The parameters that are passed on unchanged. `verbosity` is inside of `text` in this API. */
export const toSettings = (body: ResponsesRequest, support: TurnSupport): Turn['settings'] => {
  const verbosity = body.text?.verbosity;
  return {
    ...settingsOf(support.parameters.responses, body),
    ...(support.details && verbosity != null && { verbosity }),
  };
};

/** Parameters that a response repeats if they are passed on. */
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
