import type { ToolCall, ToolForm } from '../gateway/turn.ts';
import type { Frame } from './encoder.ts';
import type { EventFrames, ItemPlace } from './responses-events.ts';
import { callItem, callPrefix, itemId, type OutputItem } from './responses-items.ts';
import { freeInput } from './tool-forms.ts';

/** A call comes whole, so its arguments are one delta. */
export const callFrames = (
  { event }: EventFrames,
  { responseId, index: output_index }: ItemPlace,
  call: ToolCall,
  form: ToolForm | undefined,
): { readonly frames: Frame[]; readonly item: OutputItem } => {
  const id = itemId(callPrefix(form), responseId, output_index);
  const place = { item_id: id, output_index };
  const item = callItem(id, 'completed', call, form);
  const told = (): Frame[] => {
    switch (form?.type) {
      case 'custom': {
        const input = freeInput(call);
        return [
          event('response.custom_tool_call_input.delta', { ...place, delta: input }),
          event('response.custom_tool_call_input.done', { ...place, input }),
        ];
      }
      case 'search':
        return [];
      case 'namespaced':
      case undefined:
        return [
          event('response.function_call_arguments.delta', { ...place, delta: call.arguments }),
          event('response.function_call_arguments.done', {
            ...place,
            name: form?.name ?? call.name,
            arguments: call.arguments,
          }),
        ];
    }
  };
  const frames = [
    event('response.output_item.added', {
      output_index,
      item: callItem(id, 'in_progress', call, form, false),
    }),
    ...told(),
    event('response.output_item.done', { output_index, item }),
  ];
  return { frames, item };
};
