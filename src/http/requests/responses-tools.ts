import { z } from 'zod';
import type { Tool } from '../../gateway/turn.ts';
import { validatePart } from '../validate.ts';
import { toCustomTool } from './custom-tools.ts';
import type { InputItem } from './responses-items.ts';
import { type ResponsesTool, responsesTools } from './responses-schema.ts';
import { namespacedName } from './tool-name.ts';
import { isCustomTool, isFunctionTool, otherToolRefused, toTool } from './tools.ts';

const namespaceTool = z.looseObject({ type: z.literal('namespace'), name: z.string(), tools: z.unknown() });
const searchTool = z.looseObject({
  type: z.literal('tool_search'),
  execution: z.literal('client'),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
});

const inNamespace = (namespace: string, tool: Tool): Tool =>
  tool.form || namespacedName(namespace, tool.name) === tool.name
    ? tool
    : {
        ...tool,
        name: namespacedName(namespace, tool.name),
        form: { type: 'namespaced', namespace, name: tool.name },
      };

const toTools = (tool: ResponsesTool, param: string): Tool[] => {
  if (isFunctionTool(tool)) return [toTool(tool)];
  if (isCustomTool(tool)) {
    const { name, description, format } = tool;
    return [toCustomTool(name, description, format?.type === 'grammar' ? format : null)];
  }
  const space = namespaceTool.safeParse(tool).data;
  if (space) {
    const inner = validatePart(responsesTools, space.tools, `${param}.tools`);
    return inner
      .flatMap((each, index) => toTools(each, `${param}.tools[${index}]`))
      .map((each) => inNamespace(space.name, each));
  }
  const search = searchTool.safeParse(tool).data;
  if (!search) throw otherToolRefused(param, tool.type);
  return [{ ...toTool({ ...search, name: search.type }), form: { type: 'search' } }];
};

/** Tools of the request, and those that items of its input add. */
export const toolsOf = (tools: readonly ResponsesTool[], input: string | readonly InputItem[]): Tool[] => [
  ...tools.flatMap((tool, index) => toTools(tool, `tools[${index}]`)),
  ...(typeof input === 'string' ? [] : input).flatMap((item, index) => {
    if (item.type !== 'additional_tools' && item.type !== 'tool_search_output') return [];
    const param = `input[${index}].tools`;
    const added = validatePart(responsesTools, item['tools'] ?? [], param);
    return added.flatMap((tool, at) => toTools(tool, `${param}[${at}]`));
  }),
];
