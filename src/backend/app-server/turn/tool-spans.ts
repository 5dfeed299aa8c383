import type { TraceSpan } from '../../../gateway/ports.ts';
import {
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_TOOL_CALL_ID,
  ATTR_GEN_AI_TOOL_NAME,
  ATTR_GEN_AI_TOOL_TYPE,
} from '../../../telemetry/semconv.ts';
import { recordAnsweredCall, recordToolBlock } from '../../tool-blocks.ts';
import type { AnsweredCall } from './client-calls.ts';
import { itemOf, type NotifiedItem } from './notifications.ts';

/** Opens an `execute_tool` span for every tool that the app-server runs itself, and closes it with the tool's item. */
export interface ToolSpans {
  observe(parent: TraceSpan, method: string, params: unknown): void;
  /** Records a call that has been answered, if it has no span of its own. */
  answered(parent: TraceSpan, told: AnsweredCall): void;
  /** Ends what the turn left open. */
  close(): void;
}

/** Item types that are tools of the app-server's, with the name that a person knows them by. A client's tool is none. */
const toolName = (item: NotifiedItem): string | null => {
  switch (item.type) {
    case 'commandExecution':
      return 'shell';
    case 'fileChange':
      return 'apply_patch';
    case 'webSearch':
      return 'web_search';
    case 'mcpToolCall':
      return String(item['tool'] ?? item.type);
    default:
      return null;
  }
};

/** What a tool was called with, wherever its item has it. */
const argumentsOf = (item: NotifiedItem): unknown => {
  switch (item.type) {
    case 'commandExecution':
      return { command: item['command'], cwd: item['cwd'] };
    case 'fileChange':
      return { changes: item['changes'] };
    case 'webSearch':
      return { query: item['query'] };
    default:
      return item['arguments'] ?? null;
  }
};

/** What came of it. */
const resultOf = (item: NotifiedItem): unknown => {
  switch (item.type) {
    case 'commandExecution':
      return { exit_code: item['exitCode'] ?? null, output: item['aggregatedOutput'] ?? null };
    case 'fileChange':
      return { changes: item['changes'] };
    default:
      return item['error'] ?? item['result'] ?? null;
  }
};

/** Each has a span of its own, and those that a turn left open end in one go. */
const MAX_OPEN = 128;

const failed = (item: NotifiedItem): boolean => item['status'] === 'failed' || item['status'] === 'declined';

export const createToolSpans = (): ToolSpans => {
  const open = new Map<string, { readonly span: TraceSpan; readonly name: string }>();
  const seen = new Set<string>();

  const start = (parent: TraceSpan, item: NotifiedItem, name: string): void => {
    const span = parent.child(`execute_tool ${name}`, 'INTERNAL', {
      [ATTR_GEN_AI_OPERATION_NAME]: 'execute_tool',
      [ATTR_GEN_AI_TOOL_NAME]: name,
      [ATTR_GEN_AI_TOOL_CALL_ID]: item.id,
      [ATTR_GEN_AI_TOOL_TYPE]: 'extension',
    });
    const call = { call_id: item.id, name };
    recordToolBlock(span, { step: 'start', ...call, type: item.type });
    recordToolBlock(span, { step: 'arguments', ...call, arguments: argumentsOf(item) });
    open.set(item.id, { span, name });
    seen.add(item.id);
  };

  const finish = (item: NotifiedItem): void => {
    const tool = open.get(item.id);
    if (!tool) return;
    open.delete(item.id);
    const { span, name } = tool;
    const status = typeof item['status'] === 'string' ? item['status'] : null;
    recordToolBlock(span, { step: 'result', call_id: item.id, name, status, result: resultOf(item) });
    if (failed(item)) span.fail('tool_error');
    span.end();
  };

  return {
    observe(parent, method, params) {
      if (method !== 'item/started' && method !== 'item/completed') return;
      const item = itemOf(params);
      const name = item && toolName(item);
      if (!item || !name) return;
      if (!open.has(item.id) && open.size < MAX_OPEN) start(parent, item, name);
      if (method === 'item/completed') finish(item);
    },
    answered(parent, { call, output }) {
      if (!seen.has(call.callId)) recordAnsweredCall(parent, call, output);
    },
    close() {
      for (const { span } of open.values()) span.end();
      open.clear();
    },
  };
};
