import {
  type Attributes,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { TokenUsage } from '../../app-server-protocol/events.ts';
import { headOf } from '../../cut.ts';
import * as names from './names.ts';

/** The work below a turn. */
export type WorkSpan =
  | { readonly name: 'run_turn' }
  | { readonly name: 'model_request'; readonly model: string }
  | {
      readonly name: 'execute_tool';
      readonly tool: string;
      readonly callId: string;
      readonly type: 'function' | 'extension';
    };

/** What the work may say of itself while its span is open. */
export interface Work {
  /** The first token of an answer came; later calls are ignored. */
  readonly firstToken: () => void;
  readonly usage: (usage: TokenUsage) => void;
  /** Marks the span as failed with a short, closed-list type. */
  readonly fail: (errorType: string) => void;
}

const MAX_NAME = 100;

const shapeOf = (work: WorkSpan): { name: string; kind: SpanKind; attributes: Attributes } => {
  switch (work.name) {
    case 'run_turn':
      return { name: 'run_turn', kind: SpanKind.INTERNAL, attributes: {} };
    case 'model_request':
      return {
        name: 'model_request',
        kind: SpanKind.INTERNAL,
        attributes: { [names.GEN_AI_REQUEST_MODEL]: work.model },
      };
    case 'execute_tool': {
      const tool = headOf(work.tool, MAX_NAME);
      const attributes = {
        [names.GEN_AI_OPERATION]: 'execute_tool',
        [names.GEN_AI_TOOL_NAME]: tool,
        [names.GEN_AI_TOOL_CALL_ID]: work.callId,
        [names.GEN_AI_TOOL_TYPE]: work.type,
      };
      return { name: `execute_tool ${tool}`, kind: SpanKind.INTERNAL, attributes };
    }
  }
};

const fail = (span: Span, errorType: string): void => {
  span.setAttribute(names.ERROR_TYPE, errorType);
  span.setStatus({ code: SpanStatusCode.ERROR });
};

const createHandle = (span: Span): Work => {
  const startedAt = performance.now();
  let waiting = true;
  return {
    firstToken() {
      if (waiting) span.setAttribute(names.GEN_AI_FIRST_CHUNK, (performance.now() - startedAt) / 1000);
      waiting = false;
    },
    usage: (usage) =>
      void span.setAttributes({
        [names.GEN_AI_INPUT_TOKENS]: usage.inputTokens,
        [names.GEN_AI_CACHED_TOKENS]: usage.cachedInputTokens,
        [names.GEN_AI_CACHE_WRITE_TOKENS]: usage.cacheWriteInputTokens,
        [names.GEN_AI_OUTPUT_TOKENS]: usage.outputTokens,
        [names.GEN_AI_REASONING_TOKENS]: usage.reasoningOutputTokens,
      }),
    fail: (errorType) => fail(span, errorType),
  };
};

/** An interruption is the client's wish: the conventions do not count it as an error. */
const isInterruption = (cause: unknown) =>
  cause instanceof Error && (cause.name === 'AbortError' || cause.name === 'Interrupted');

/** Makes `Telemetry.work`: a span around `run`, which is marked as failed when `run` throws. */
export const createWork =
  (tracer: Tracer) =>
  async <T>(work: WorkSpan, run: (work: Work) => Promise<T>): Promise<T> => {
    const parent = context.active();
    const { name, kind, attributes } = shapeOf(work);
    const span = tracer.startSpan(name, { kind, attributes }, parent);
    try {
      return await context.with(trace.setSpan(parent, span), () => run(createHandle(span)));
    } catch (cause) {
      if (!isInterruption(cause)) fail(span, cause instanceof Error ? cause.name : '_OTHER');
      throw cause;
    } finally {
      span.end();
    }
  };
