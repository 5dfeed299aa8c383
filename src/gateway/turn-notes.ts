import type { TraceSpan } from '../telemetry/index.ts';
import type { Exchange } from './ports.ts';
import type { TurnCall } from './turn.ts';

/** Records the emulated, ignored and unknown parameters of a turn, for the headers of the answer and for the trace. */
export const noteParameters = (
  { facts }: Exchange,
  span: TraceSpan,
  { ignored, emulated, unknown }: TurnCall,
): void => {
  facts.emulated = emulated;
  facts.ignored = [...ignored, ...unknown.names];
  if (emulated.length > 0) span.set({ 'throughline.emulated_parameters': emulated });
  if (ignored.length > 0) span.set({ 'throughline.ignored_parameters': ignored });
  if (unknown.count > 0) {
    span.set({
      'throughline.unknown_fields': unknown.names,
      'throughline.unknown_fields.count': unknown.count,
    });
  }
};
