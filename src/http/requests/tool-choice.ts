import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import type { Tool } from '../../gateway/turn.ts';
import type { TurnSupport } from '../../gateway/turn-support.ts';
import { type RequestOptions, unsupported } from './parameters.ts';

/** The tools of `tools` that may be called, as both APIs list them, in different places. */
export const allowedFields = <Named extends z.ZodType>(tool: Named) => ({
  mode: z.enum(['auto', 'required'], { error: "must be 'auto' or 'required'" }),
  tools: z.array(tool),
});

/** A tool that is to be called, of whatever kind: which it is makes no difference. */
const forcedTool = z.looseObject({ type: z.string().regex(/^(?!allowed_tools$)/, { abort: true }) });

/** A word, tools that may be called, or one that is to be; `fields` are where an API has the second. */
export const toolChoice = <Fields extends z.ZodRawShape>(fields: Fields) => {
  const type = z.literal('allowed_tools', { error: 'must be the type of a choice' });
  return z.union([z.string(), z.looseObject({ type, ...fields }), forcedTool], {
    error: 'must be a string, or an object with a type',
  });
};

export const isAllowedTools = <Choice>(
  choice: Choice,
): choice is Extract<Choice, { readonly type: 'allowed_tools' }> =>
  (choice as { type?: unknown } | null | undefined)?.type === 'allowed_tools';

/** The tools that a choice names, and whether one of them has to be called. */
export interface Allowed {
  readonly mode: 'auto' | 'required';
  readonly names: readonly string[];
}

const noForce = ({ called }: TurnSupport): GatewayError =>
  unsupported('tool_choice', `${called} has no way to force a tool; use 'auto' or 'none'.`);

/** Of a choice of a tool that only its provider could run. */
const NO_SUCH_TOOL = "a tool of that type cannot be called; use 'auto', 'none', 'required' or a function.";

const invalid = (problem: string): GatewayError =>
  new GatewayError('invalid_value', `'tool_choice': ${problem}.`, { param: 'tool_choice' });

const named = (names: readonly string[], tools: readonly Tool[]): readonly Tool[] => {
  const offered = new Set(tools.map(({ name }) => name));
  const missing = names.find((name) => !offered.has(name));
  if (missing !== undefined) throw invalid(`no tool has the name '${missing}'`);
  const isNamed = new Set(names);
  return tools.filter(({ name }) => isNamed.has(name));
};

/** Which tools are offered, and whether one of them has to be called. */
export interface Chosen {
  readonly tools: readonly Tool[];
  readonly mustCall: boolean;
  /** The one that has to be called, where it was named. */
  readonly name: string | null;
}

const free = (tools: readonly Tool[]): Chosen => ({ tools, mustCall: false, name: null });

/** Where the backend has no way to force a tool, that is refused in strict mode. */
const forced = (
  tools: readonly Tool[],
  names: readonly string[],
  { strict, support }: RequestOptions,
): Chosen => {
  if (strict && !support.forcesTools) throw noForce(support);
  if (tools.length === 0) throw invalid('there is no tool to call');
  return { tools, mustCall: true, name: names.length === 1 ? (names[0] ?? null) : null };
};

/**
 * The tools that the model may call, or has to: all, none, some, or one.
 *
 * @param allowed - the tools that an `allowed_tools` names, or one that is to be called
 */
export const chooseTools = (
  choice: unknown,
  tools: readonly Tool[],
  allowed: Allowed | null,
  options: RequestOptions,
): Chosen => {
  if (allowed) {
    const some = named(allowed.names, tools);
    return allowed.mode === 'required' ? forced(some, allowed.names, options) : free(some);
  }
  switch (choice ?? 'auto') {
    case 'auto':
      return free(tools);
    case 'none':
      return free([]);
    case 'required':
      return forced(tools, [], options);
  }
  if (typeof choice === 'string')
    throw invalid("must be 'auto', 'none', 'required', or an object with a type");
  throw options.support.forcesTools ? unsupported('tool_choice', NO_SUCH_TOOL) : noForce(options.support);
};
