import type { AttributeSet } from '../../../gateway/ports.ts';
import type { RunningRelay } from '../../../gateway/relay.ts';
import type { Turn } from '../../../gateway/turn.ts';
import {
  ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY,
  ATTR_GEN_AI_REQUEST_MAX_TOKENS,
  ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY,
  ATTR_GEN_AI_REQUEST_SEED,
  ATTR_GEN_AI_REQUEST_STOP_SEQUENCES,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_REQUEST_TEMPERATURE,
  ATTR_GEN_AI_REQUEST_TOP_P,
  ATTR_OPENAI_API_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../../telemetry/semconv.ts';

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** What the span of a translated turn says of its request, which has the names of Chat Completions. */
export const callAttributes = (
  { settings, stop }: Turn,
  { server, connectMs, resends }: RunningRelay,
): AttributeSet => ({
  [ATTR_OPENAI_API_TYPE]: 'chat_completions',
  [ATTR_SERVER_ADDRESS]: server.address,
  [ATTR_SERVER_PORT]: server.port,
  [ATTR_GEN_AI_REQUEST_STREAM]: true,
  [ATTR_GEN_AI_REQUEST_TEMPERATURE]: numberIn(settings['temperature']),
  [ATTR_GEN_AI_REQUEST_TOP_P]: numberIn(settings['top_p']),
  [ATTR_GEN_AI_REQUEST_MAX_TOKENS]: numberIn(settings['max_completion_tokens'] ?? settings['max_tokens']),
  [ATTR_GEN_AI_REQUEST_SEED]: numberIn(settings['seed']),
  [ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY]: numberIn(settings['frequency_penalty']),
  [ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY]: numberIn(settings['presence_penalty']),
  [ATTR_GEN_AI_REQUEST_STOP_SEQUENCES]: stop.length > 0 ? stop : undefined,
  'throughline.upstream.connect_ms': connectMs,
  'throughline.upstream.resends': resends,
});
