import { capNames } from './ignored.ts';
import { type InputItem, isKnownItem } from './responses-items.ts';
import type { ResponsesRequest } from './responses-schema.ts';
import { ignoredTools, isFunctionTool } from './tools.ts';

const ignoredItems = (input: string | readonly InputItem[]): string[] => {
  const items = typeof input === 'string' ? [] : input;
  return capNames(
    'input',
    items.flatMap((item, index) => (isKnownItem(item) ? [] : [`input[${index}]`])),
  );
};

/** What is inside of a parameter that is honoured, and has no effect itself. */
export const ignoredInResponses = ({ input, reasoning, text, tools }: ResponsesRequest): string[] => {
  const context = reasoning?.['context'] ?? 'auto';
  const mode = reasoning?.['mode'] ?? 'standard';
  const verbosity = text?.['verbosity'] ?? 'medium';
  return [
    ...ignoredItems(input),
    ...ignoredTools(tools ?? [], (tool) => isFunctionTool(tool) && tool.strict === true),
    ...(context === 'auto' ? [] : ['reasoning.context']),
    ...(mode === 'standard' ? [] : ['reasoning.mode']),
    ...(verbosity === 'medium' ? [] : ['text.verbosity']),
  ];
};
