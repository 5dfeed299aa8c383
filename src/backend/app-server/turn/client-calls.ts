import type { Tool, ToolCall, Usage } from '../../../gateway/turn.ts';
import type { Later } from '../../../later.ts';
import { clientNames } from '../tool-names.ts';
import { type RawCall, readRawEvent } from './raw-events.ts';

/** What a response of the model came to, where it calls tools of the client's. */
export interface CalledTools {
  readonly calls: readonly ToolCall[];
  /** Of that response alone; null when it is not known. */
  readonly usage: Usage | null;
}

/** A call with what the app-server itself has told the model of it. */
export interface AnsweredCall {
  readonly call: ToolCall;
  readonly output: unknown;
}

/**
 * Collects the calls that one response of the model makes of the client's tools. The app-server asks for each while the response
 * still streams, in any order, and waits for an answer to each; `rawResponse/completed` says that no more will come.
 */
export interface ClientCalls {
  /** Learns which tools the client has. */
  offer(tools: readonly Tool[]): void;
  /** Hears every notification of the turn. */
  hear(method: string, params: unknown): void;
  /** Takes an `item/tool/call`. False when the client has no such tool. */
  ask(params: unknown): boolean;
  /** The answer has ended; calls that still come are the client's none the less. */
  stop(): void;
}

interface Options {
  onCalled(called: CalledTools): void;
  /** A call that is the app-server's to answer has been. */
  onAnswered(answered: AnsweredCall): void;
  /** One response has called more tools than that. */
  onTooMany(max: number): void;
  readonly later: Later;
}

/** Each is an event of the trace and a part of the answer, and all of them come in one go. Models call a few. */
const MAX_CALLS = 256;

/**
 * How long a response that has called a tool may be silent before it counts as ended. A stream that breaks off behind a call is such
 * a one: the app-server says nothing of it until the call is answered. Arguments that are being written are silent, too.
 */
const SILENCE_MS = 30_000;

/** The same for an app-server that tells no raw events: then silence alone can say it. */
const SILENCE_WITHOUT_RAW_EVENTS_MS = 1_000;

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** An `item/tool/call` as a call; its arguments are parsed already. */
const readAsk = (params: unknown): RawCall | null => {
  const { callId, tool, arguments: given } = (params ?? {}) as Record<string, unknown>;
  if (typeof callId !== 'string' || typeof tool !== 'string') return null;
  return { callId, name: tool, arguments: JSON.stringify(given ?? {}) };
};

/** The calls that are the app-server's to answer, until it has. */
const createOthers = () => {
  const open = new Map<string, ToolCall>();
  return {
    add: (call: ToolCall) => void open.set(call.callId, call),
    answer(callId: string, output: unknown): AnsweredCall | null {
      const call = open.get(callId);
      open.delete(callId);
      return call ? { call, output } : null;
    },
  };
};

export const createClientCalls = ({ onCalled, onAnswered, onTooMany, later }: Options): ClientCalls => {
  let names: ReadonlyMap<string, string> = new Map();
  /** As the model wrote them, in its order. */
  const raw = new Map<string, ToolCall>();
  /** As the app-server asks for them: all that there is without raw events. */
  const asked = new Map<string, ToolCall>();
  const others = createOthers();
  let hasRawEvents = false;
  let stopped = false;
  let cancel: () => void = () => undefined;

  const keep = (into: Map<string, ToolCall>, call: RawCall): boolean => {
    const name = names.get(call.name);
    // The app-server tells the model itself about arguments that are no JSON.
    if (name === undefined || !isJson(call.arguments)) return false;
    if (into.size >= MAX_CALLS) onTooMany(MAX_CALLS);
    into.set(call.callId, { ...call, name });
    return true;
  };

  const finish = (usage: Usage | null): void => {
    cancel();
    const calls = [...(raw.size > 0 ? raw : asked).values()];
    raw.clear();
    asked.clear();
    if (calls.length > 0) onCalled({ calls, usage });
  };

  const wait = (): void => {
    cancel();
    if (raw.size + asked.size === 0) return;
    cancel = later(hasRawEvents ? SILENCE_MS : SILENCE_WITHOUT_RAW_EVENTS_MS, () => finish(null));
  };

  return {
    offer(tools) {
      names = clientNames(tools);
    },
    hear(method, params) {
      if (names.size === 0) return;
      const event = readRawEvent(method, params);
      hasRawEvents ||= event !== null;
      if (event?.type === 'call' && !keep(raw, event.call)) {
        others.add({ ...event.call, name: names.get(event.call.name) ?? event.call.name });
      }
      if (event?.type === 'output') {
        // A call that has its output is none to hand out: one of the injected history, told once more.
        for (const calls of [raw, asked]) calls.delete(event.callId);
        const answered = others.answer(event.callId, event.output);
        if (answered) onAnswered(answered);
      }
      if (event?.type === 'completed') finish(event.usage);
      else wait();
    },
    ask(params) {
      const call = readAsk(params);
      if (!call || !names.has(call.name)) return false;
      if (!stopped && keep(asked, call)) wait();
      return true;
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
};
