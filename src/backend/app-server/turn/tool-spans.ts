import type { TraceSpan } from '../../../gateway/ports.ts';
import {
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_TOOL_CALL_ID,
  ATTR_GEN_AI_TOOL_NAME,
  ATTR_GEN_AI_TOOL_TYPE,
} from '../../../telemetry/semconv.ts';
import { type Item, itemOf } from './notifications.ts';

/** Opens an `execute_tool` span for every tool that the app-server runs itself, and closes it with the tool's item. */
export interface ToolSpans {
  observe(parent: TraceSpan, method: string, params: unknown): void;
  /** Ends what the turn left open. */
  close(): void;
}

/** Item types that are tools, with the name that a person knows them by. */
const toolName = (item: Item): string | null => {
  switch (item.type) {
    case 'commandExecution':
      return 'shell';
    case 'fileChange':
      return 'apply_patch';
    case 'webSearch':
      return 'web_search';
    case 'mcpToolCall':
    case 'dynamicToolCall':
      return String(item['tool'] ?? item.type);
    default:
      return null;
  }
};

const failed = (item: Item): boolean => item['status'] === 'failed' || item['status'] === 'declined';

export const createToolSpans = (): ToolSpans => {
  const open = new Map<string, TraceSpan>();

  const start = (parent: TraceSpan, item: Item, name: string): void => {
    const span = parent.child(`execute_tool ${name}`, 'INTERNAL', {
      [ATTR_GEN_AI_OPERATION_NAME]: 'execute_tool',
      [ATTR_GEN_AI_TOOL_NAME]: name,
      [ATTR_GEN_AI_TOOL_CALL_ID]: item.id,
      [ATTR_GEN_AI_TOOL_TYPE]: item.type === 'dynamicToolCall' ? 'function' : 'extension',
    });
    span.event('tool_block', { payload: { step: 'start', item } });
    open.set(item.id, span);
  };

  const finish = (item: Item): void => {
    const span = open.get(item.id);
    open.delete(item.id);
    span?.event('tool_block', { payload: { step: 'result', item } });
    if (failed(item)) span?.fail('tool_error');
    span?.end();
  };

  return {
    observe(parent, method, params) {
      if (method !== 'item/started' && method !== 'item/completed') return;
      const item = itemOf(params);
      const name = item && toolName(item);
      if (!item || !name) return;
      if (!open.has(item.id)) start(parent, item, name);
      if (method === 'item/completed') finish(item);
    },
    close() {
      for (const span of open.values()) span.end();
      open.clear();
    },
  };
};
