import type { ContentItem, DynamicTool, ResponseItem } from '../../app-server-protocol/index.ts';
import { invalidParams, invalidRequest } from '../rpc/failure.ts';
import {
  type Fields,
  isObject,
  readList,
  readOneOf,
  readOptionalList,
  readOptionalString,
  readString,
} from '../rpc/params.ts';

const APPROVALS = ['untrusted', 'on-request', 'never'] as const;
const SANDBOXES = ['read-only', 'workspace-write', 'danger-full-access'] as const;

export const readApprovalPolicy = (fields: Fields) =>
  readOptionalString(fields, 'approvalPolicy') === undefined
    ? 'never'
    : readOneOf(fields, 'approvalPolicy', APPROVALS);

export const readSandbox = (fields: Fields) =>
  readOptionalString(fields, 'sandbox') === undefined ? 'read-only' : readOneOf(fields, 'sandbox', SANDBOXES);

/** Base and developer instructions are one system prompt for a model here. */
export const readInstructions = (fields: Fields): string =>
  [readOptionalString(fields, 'baseInstructions'), readOptionalString(fields, 'developerInstructions')]
    .filter(Boolean)
    .join('\n\n');

/** Why the real server would not take a tool of this name, in its words. */
const refusalOf = (name: string, earlier: ReadonlySet<string>): string | undefined => {
  if (!/^[a-zA-Z0-9_-]+$/.test(name)) {
    return `dynamic tool name must match ^[a-zA-Z0-9_-]+$ to match Responses API: ${name}`;
  }
  if (/^mcp(?:$|__)/.test(name)) return `dynamic tool name is reserved: ${name}`;
  return earlier.has(name) ? `duplicate dynamic tool name: ${name}` : undefined;
};

export const readTools = (fields: Fields): DynamicTool[] => {
  const tools = readOptionalList(fields, 'dynamicTools', (tool, path) => ({
    type: readOneOf(tool, 'type', ['function'] as const, `${path}.type`),
    name: readString(tool, 'name', `${path}.name`),
    description: typeof tool.description === 'string' ? tool.description : '',
    inputSchema: tool.inputSchema ?? {},
  }));
  const earlier = new Set<string>();
  for (const { name } of tools) {
    const refusal = refusalOf(name, earlier);
    if (refusal !== undefined) throw invalidRequest(refusal);
    earlier.add(name);
  }
  return tools;
};

const readPart = (part: Fields, path: string): ContentItem => {
  const type = readOneOf(part, 'type', ['input_text', 'output_text', 'input_image'] as const, `${path}.type`);
  return type === 'input_image'
    ? { type, image_url: readString(part, 'image_url', `${path}.image_url`) }
    : { type, text: readString(part, 'text', `${path}.text`) };
};

const readMessage = (item: Fields, path: string): ResponseItem => ({
  type: 'message',
  role: readString(item, 'role', `${path}.role`),
  content: readList(item, 'content', readPart, `${path}.content`),
});

const outputText = (output: unknown, path: string): string => {
  if (typeof output === 'string') return output;
  if (!Array.isArray(output)) throw invalidParams(`Invalid params: \`${path}\` must be a string or an array`);
  return output
    .map((part: unknown) => (isObject(part) && typeof part.text === 'string' ? part.text : ''))
    .join('\n');
};

/** The history items that a model here can make use of; the protocol's other kinds are taken and left out. */
const readItem = (item: Fields, path: string): ResponseItem[] => {
  switch (readString(item, 'type', `${path}.type`)) {
    case 'message':
      return [readMessage(item, path)];
    case 'function_call':
      return [
        {
          type: 'function_call',
          call_id: readString(item, 'call_id', `${path}.call_id`),
          name: readString(item, 'name', `${path}.name`),
          arguments: readString(item, 'arguments', `${path}.arguments`),
        },
      ];
    case 'function_call_output': {
      const output = outputText(item.output, `${path}.output`);
      return [
        { type: 'function_call_output', call_id: readString(item, 'call_id', `${path}.call_id`), output },
      ];
    }
    default:
      return [];
  }
};

export const readItems = (fields: Fields): ResponseItem[] => readList(fields, 'items', readItem).flat();

/** A turn's input: text and images. The other kinds name things on the client's disk, which this server does not read. */
export const readInput = (fields: Fields): ContentItem[] =>
  readList(fields, 'input', (part, path): ContentItem => {
    const type = readOneOf(part, 'type', ['text', 'image'] as const, `${path}.type`);
    return type === 'text'
      ? { type: 'input_text', text: readString(part, 'text', `${path}.text`) }
      : { type: 'input_image', image_url: readString(part, 'url', `${path}.url`) };
  });
