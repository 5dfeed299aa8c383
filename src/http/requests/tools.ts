import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import type { Tool } from '../../gateway/turn.ts';
import { type RequestOptions, STRICT_NOTE, unsupported } from './parameters.ts';

/** Names that the API allows for functions. */
export const toolName = z.string().regex(/^[\w-]{1,64}$/, {
  error: 'must be 1 to 64 letters, digits, underscores or dashes',
});

/** A function as both APIs describe it, in different places. */
export const functionFields = {
  name: toolName,
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
};
const functionTool = z.looseObject(functionFields);

export const toTool = ({ name, description, parameters }: z.infer<typeof functionTool>): Tool => ({
  name,
  description: description ?? '',
  parameters: parameters ?? { type: 'object', properties: {} },
});

/** Two tools of one name could not be told apart when one is called. */
export const assertDistinct = (tools: readonly Tool[]): void => {
  const seen = new Set<string>();
  for (const { name } of tools) {
    if (seen.has(name))
      throw new GatewayError('invalid_value', `'tools': two tools have the name '${name}'.`, {
        param: 'tools',
      });
    seen.add(name);
  }
};

/** The places of tools that are no functions: this backend cannot offer them to its model. */
export const ignoredTools = (
  tools: readonly { readonly type: string }[],
  { strict }: RequestOptions,
): string[] => {
  const others = tools.flatMap(({ type }, index) => (type === 'function' ? [] : [`tools[${index}]`]));
  if (strict && others[0]) throw unsupported(others[0], STRICT_NOTE);
  return others;
};

/** `auto` and `none` can be done; the app-server has no way to force a tool. */
export const offersTools = (choice: unknown): boolean => {
  if (choice === 'none') return false;
  if (choice === undefined || choice === null || choice === 'auto') return true;
  throw unsupported('tool_choice', "the app-server has no way to force a tool; use 'auto' or 'none'.");
};
