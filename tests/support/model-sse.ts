import { DEFAULT_USAGE, type ModelUsage, type Reply, type Step } from './model-scripts.ts';

export type SseEvent = { type: string } & Record<string, unknown>;
/** What the server is to do next: write an event, keep silent for good, or cut the socket. */
export type StreamAction = { event: SseEvent; isDelta: boolean } | 'hang' | 'drop';
/** The tool names that the caller offered: the shell is called differently from one Codex model to the next. */
export type OfferedTools = ReadonlySet<string>;

const event = (type: string, fields: Record<string, unknown>): StreamAction => ({
  event: { type, ...fields },
  isDelta: type.endsWith('.delta'),
});

/** The Responses API's stream for one reply, event by event. A stream that failed, hangs or was cut has no `response.completed`. */
export function* responseStream(
  responseId: string,
  reply: Extract<Reply, { steps: Step[] }>,
  offered: OfferedTools,
): Generator<StreamAction> {
  const output: Record<string, unknown>[] = [];
  yield event('response.created', { response: { id: responseId, status: 'in_progress', output: [] } });

  for (const [index, step] of reply.steps.entries()) {
    if (step.do === 'hang' || step.do === 'drop') {
      // A message that the stall cuts off has had its deltas, and no `output_item.done`.
      yield step.do;
      return;
    }
    if (step.do === 'fail') {
      const error = { code: step.code, message: step.message };
      yield event('response.failed', { response: { id: responseId, status: 'failed', error } });
      return;
    }
    if (step.do === 'incomplete') {
      const response = { id: responseId, status: 'incomplete', incomplete_details: { reason: step.reason } };
      yield event('response.incomplete', { response });
      return;
    }
    const next = reply.steps[index + 1]?.do;
    const cut = next === 'hang' || next === 'drop' || next === 'fail';
    output.push(yield* outputItem(`${responseId}_${index}`, index, step, offered, cut));
  }
  yield event('response.completed', {
    response: { id: responseId, status: 'completed', output, usage: wireUsage(reply.usage ?? DEFAULT_USAGE) },
  });
}

type OutputStep = Exclude<Step, { do: 'hang' | 'drop' | 'fail' | 'incomplete' }>;

function* outputItem(
  suffix: string,
  outputIndex: number,
  step: OutputStep,
  offered: OfferedTools,
  cut: boolean,
): Generator<StreamAction, Record<string, unknown>> {
  const item = finishedItem(suffix, step, offered);
  const at = { output_index: outputIndex, item_id: item.id };
  yield event('response.output_item.added', {
    output_index: outputIndex,
    item: { ...item, ...emptied(step) },
  });

  if (step.do === 'message') {
    for (const delta of step.pieces ?? words(step.text))
      yield event('response.output_text.delta', { ...at, content_index: 0, delta });
  } else if (step.do === 'reasoning') {
    yield event('response.reasoning_summary_part.added', { ...at, summary_index: 0 });
    for (const delta of words(step.summary)) {
      yield event('response.reasoning_summary_text.delta', { ...at, summary_index: 0, delta });
    }
  } else if (step.do !== 'item') {
    yield event('response.function_call_arguments.delta', { ...at, delta: item.arguments });
  }
  if (!cut) yield event('response.output_item.done', { output_index: outputIndex, item });
  return item;
}

function finishedItem(suffix: string, step: OutputStep, offered: OfferedTools): Record<string, unknown> {
  // biome-ignore lint/nursery/useExhaustiveSwitchCases: OutputStep leaves the other steps out, which the rule does not see
  switch (step.do) {
    case 'message': {
      const content = [{ type: 'output_text', text: step.text, annotations: [] }];
      const phase = step.phase === undefined ? {} : { phase: step.phase };
      return { type: 'message', id: `msg_${suffix}`, role: 'assistant', content, ...phase };
    }
    case 'reasoning': {
      const summary = [{ type: 'summary_text', text: step.summary }];
      return { type: 'reasoning', id: `rs_${suffix}`, summary, encrypted_content: 'opaque' };
    }
    case 'call':
      return functionCall(suffix, step.name, step.arguments);
    case 'item':
      return { id: `item_${suffix}`, call_id: `call_${suffix}`, ...step.item };
    case 'shell':
      return offered.has('exec_command')
        ? functionCall(suffix, 'exec_command', { cmd: step.command })
        : functionCall(suffix, 'shell_command', { command: step.command });
  }
}

function functionCall(
  suffix: string,
  name: string,
  args: Record<string, unknown> | string,
): Record<string, unknown> {
  return {
    type: 'function_call',
    id: `fc_${suffix}`,
    call_id: `call_${suffix}`,
    name,
    arguments: typeof args === 'string' ? args : JSON.stringify(args),
  };
}

/** The part of an item that its deltas will bring. */
function emptied(step: OutputStep): Record<string, unknown> {
  if (step.do === 'message') return { content: [] };
  if (step.do === 'item') return {};
  return step.do === 'reasoning' ? { summary: [] } : { arguments: '' };
}

const words = (text: string): string[] => text.match(/\S+\s*/g) ?? [];

function wireUsage({ input, cached, written, output, reasoning }: ModelUsage): Record<string, unknown> {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
