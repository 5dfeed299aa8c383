import type { Tool, ToolCall, ToolForm } from '../gateway/turn.ts';

/** What the client's API calls a tool that is called; undefined for a plain function. */
export type FormOf = (name: string) => ToolForm | undefined;

export const createFormOf = (tools: readonly Tool[]): FormOf => {
  const forms = new Map(tools.map(({ name, form }) => [name, form]));
  return (name) => forms.get(name);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The free text of a call of a custom tool; arguments of another shape are that text themselves. */
export const freeInput = ({ arguments: given }: ToolCall): string => {
  const input = (parsed(given) as { input?: unknown } | null | undefined)?.input;
  return typeof input === 'string' ? input : given;
};

/** The arguments of a search for tools, which its API has as an object. */
export const searchArguments = ({ arguments: given }: ToolCall): unknown => parsed(given) ?? {};
