import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import type { Tool } from '../../gateway/turn.ts';
import { unsupported } from './parameters.ts';

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

/** The functions that an `allowed_tools` names; tools of other types are never offered. */
export interface Allowed {
  readonly mode: 'auto' | 'required';
  readonly names: readonly string[];
}

const NO_FORCE = "the app-server has no way to force a tool; use 'auto' or 'none'.";

const invalid = (problem: string): GatewayError =>
  new GatewayError('invalid_value', `'tool_choice': ${problem}.`, { param: 'tool_choice' });

const allowedOf = ({ mode, names }: Allowed, tools: readonly Tool[]): readonly Tool[] => {
  if (mode === 'required') throw unsupported('tool_choice', NO_FORCE);
  const missing = names.find((name) => !tools.some((tool) => tool.name === name));
  if (missing !== undefined) throw invalid(`no tool has the name '${missing}'`);
  return tools.filter(({ name }) => names.includes(name));
};

/** The tools that the model may call: all, none, or some. The app-server has no way to force one. */
export const offeredTools = (choice: unknown, tools: readonly Tool[], allowed: Allowed | null) => {
  if (allowed) return allowedOf(allowed, tools);
  switch (choice ?? 'auto') {
    case 'auto':
      return tools;
    case 'none':
      return [];
  }
  if (typeof choice === 'string' && choice !== 'required')
    throw invalid("must be 'auto', 'none', 'required', or an object with a type");
  throw unsupported('tool_choice', NO_FORCE);
};
