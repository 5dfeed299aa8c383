import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import type { Tool } from '../../gateway/turn.ts';
import { capNames } from './ignored.ts';

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

/** A tool of another type than `function`. Only its type is known; what a function lacks must not be told of it. */
const otherTool = z.looseObject({ type: z.string().regex(/^(?!function$)/, { abort: true }) });

/** A tool; `fields` are those of the type `function`. */
export const toolSchema = <Fields extends z.ZodRawShape>(fields: Fields) =>
  z.union([z.looseObject({ type: z.literal('function'), ...fields }), otherTool]);

export const isFunctionTool = <T extends { readonly type: string }>(
  tool: T,
): tool is Extract<T, { readonly type: 'function' }> => tool.type === 'function';

/** The places of tools that are no functions, which this backend cannot offer to its model, and of what it cannot promise. */
export const ignoredTools = <T extends { readonly type: string }>(
  tools: readonly T[],
  isStrict: (tool: T) => boolean,
): string[] =>
  capNames(
    'tools',
    tools.flatMap((tool, index) => {
      if (tool.type !== 'function') return [`tools[${index}]`];
      return isStrict(tool) ? [`tools[${index}].strict`] : [];
    }),
  );
