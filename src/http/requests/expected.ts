import type { Turn } from '../../gateway/turn.ts';
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

/** What an answer has to be: asked of the backend where it knows how, else of the gateway. */
type Demands = Pick<Turn, 'expected' | 'format' | 'toolChoice' | 'parallelToolCalls'>;

/** Of `json_object` where that is not to be emulated. */
const NO_SCHEMA =
  "'json_object' has no schema; use 'json_schema' with the keys that the answer is to have, or ask for JSON in the prompt.";

const STRICT_NOTE = 'it has no effect on this backend, and PROXY_STRICT_PARAMETERS is set.';

const toolChoiceOf = ({ mustCall, name }: Chosen): Turn['toolChoice'] => {
  if (!mustCall) return null;
  return name === null ? 'required' : { name };
};

/**
 * What the answer has to be, with the names of the parameters that the gateway sees to since the backend cannot. In strict mode those
 * are refused.
 */
export const demandsOf = (
  { chosen, parallel, format, formatField }: Asked,
  { strict, support }: RequestOptions,
): Demands & { readonly emulated: string[] } => {
  const wantsJson = format?.type === 'json_object';
  const isJson = wantsJson && !support.jsonObject;
  const mustCall = chosen.mustCall && !support.forcesTools;
  const hasTools = chosen.tools.length > 0;
  const oneCall = parallel === false && hasTools && !support.oneCall;
  if (strict && isJson) throw unsupported(formatField, NO_SCHEMA);
  if (strict && parallel === false && !support.oneCall) throw unsupported('parallel_tool_calls', STRICT_NOTE);
  const emulated = [
    ...(mustCall ? ['tool_choice'] : []),
    ...(oneCall ? ['parallel_tool_calls'] : []),
    ...(isJson ? [formatField] : []),
  ];
  return {
    emulated,
    expected: emulated.length > 0 ? { mustCall, oneCall, isJson } : null,
    format: wantsJson && support.jsonObject ? { type: 'json_object' } : null,
    toolChoice: support.forcesTools ? toolChoiceOf(chosen) : null,
    parallelToolCalls: support.oneCall && hasTools && typeof parallel === 'boolean' ? parallel : null,
  };
};
