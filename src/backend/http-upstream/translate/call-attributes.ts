import type { AttributeSet } from '../../../gateway/ports.ts';
import type { RunningRelay } from '../../../gateway/relay.ts';
import type { Turn } from '../../../gateway/turn.ts';
import { ATTR_OPENAI_API_TYPE, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../../../telemetry/semconv.ts';
import { requestAttributes } from '../../relay-span.ts';

/** The attributes of a translated turn's span: its request is one of Chat Completions, and always a stream. */
export const callAttributes = (
  { settings, stop }: Turn,
  { server, connectMs, resends }: RunningRelay,
): AttributeSet => ({
  [ATTR_OPENAI_API_TYPE]: 'chat_completions',
  [ATTR_SERVER_ADDRESS]: server.address,
  [ATTR_SERVER_PORT]: server.port,
  ...requestAttributes({ ...settings, stop }, true),
  'throughline.upstream.connect_ms': connectMs,
  'throughline.upstream.resends': resends,
});
