import type { Expected } from '../../gateway/turn.ts';
import { type RequestOptions, unsupported } from './parameters.ts';
import type { Chosen } from './tool-choice.ts';

interface Asked {
  readonly chosen: Chosen;
  /** `parallel_tool_calls`. */
  readonly parallel: unknown;
  readonly format: { readonly type: string } | null | undefined;
  /** What the API calls the format. */
  readonly formatField: string;
}

/** Of `json_object` where that is not to be emulated. */
const NO_SCHEMA =
  "'json_object' has no schema; use 'json_schema' with the keys that the answer is to have, or ask for JSON in the prompt.";

const STRICT_NOTE = 'it has no effect on this backend, and PROXY_STRICT_PARAMETERS is set.';

/** What the backend cannot be made to do and the gateway sees to, with the names of those parameters. In strict mode it is refused. */
export const expectedOf = (
  { chosen, parallel, format, formatField }: Asked,
  { strict }: RequestOptions,
): { readonly expected: Expected | null; readonly emulated: string[] } => {
  const isJson = format?.type === 'json_object';
  const oneCall = parallel === false && chosen.tools.length > 0;
  if (strict && isJson) throw unsupported(formatField, NO_SCHEMA);
  if (strict && parallel === false) throw unsupported('parallel_tool_calls', STRICT_NOTE);
  const emulated = [
    ...(chosen.mustCall ? ['tool_choice'] : []),
    ...(oneCall ? ['parallel_tool_calls'] : []),
    ...(isJson ? [formatField] : []),
  ];
  const expected = { mustCall: chosen.mustCall, oneCall, isJson };
  return { expected: emulated.length > 0 ? expected : null, emulated };
};
