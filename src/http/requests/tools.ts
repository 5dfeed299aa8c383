import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import type { Tool } from '../../gateway/turn.ts';
import { capNames } from './ignored.ts';
import { unsupported } from './parameters.ts';
import { toolName } from './tool-name.ts';

/** A function as both APIs describe it, in different places. */
export const functionFields = {
  name: toolName,
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
};
const functionTool = z.looseObject(functionFields);

export const toTool = ({ name, description, parameters, strict }: z.infer<typeof functionTool>): Tool => ({
  name,
  description: description ?? null,
  parameters: parameters ?? { type: 'object', properties: {} },
  ...(strict != null && { strict }),
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

/** A tool of a type that has no schema here. Only its type is known; what a known one lacks must not be told of it. */
const otherTool = z.looseObject({ type: z.string().regex(/^(?!(?:function|custom)$)/, { abort: true }) });

/** A tool; `fields` are those of the type `function`, `custom` is the schema of that type. */
export const toolSchema = <Fields extends z.ZodRawShape, Custom extends z.ZodType>(
  fields: Fields,
  custom: Custom,
) => z.union([z.looseObject({ type: z.literal('function'), ...fields }), custom, otherTool]);

export const isFunctionTool = <T extends { readonly type: string }>(
  tool: T,
): tool is Extract<T, { readonly type: 'function' }> => tool.type === 'function';

export const isCustomTool = <T extends { readonly type: string }>(
  tool: T,
): tool is Extract<T, { readonly type: 'custom' }> => tool.type === 'custom';

/** Of a tool that only its provider could run: the model would be without it, and nobody would know. */
export const otherToolRefused = (param: string, type: string): GatewayError =>
  unsupported(param, `a tool of type '${type.slice(0, 64)}' cannot be offered to the model; leave it out.`);

/** What cannot be promised of tools. */
export const ignoredTools = <T extends { readonly type: string }>(
  tools: readonly T[],
  isStrict: (tool: T) => boolean,
): string[] =>
  capNames(
    'tools',
    tools.flatMap((tool, index) => (isStrict(tool) ? [`tools[${index}].strict`] : [])),
  );
