import { type Attributes, type LogRecord, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';

/** The numbers of the log levels, by OpenTelemetry's data model of logs. */
const SEVERITY: Readonly<Record<string, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
};

interface LogLine extends Attributes {
  level: string;
  time: string;
  msg?: string;
  service?: string;
  trace_id?: string;
  span_id?: string;
}

/**
 * A line of the log, already sanitized, as an OpenTelemetry log record: the message is its body, the ids are those of its span, the other
 * fields are its attributes. The service's name is the resource's.
 *
 * @param line - one JSON object, as it stands on stdout
 */
export const toLogRecord = (line: string): LogRecord => {
  const { level, time, msg = '', service: _, trace_id, span_id, ...attributes }: LogLine = JSON.parse(line);
  return {
    timestamp: new Date(time),
    severityNumber: SEVERITY[level] ?? 0,
    severityText: level,
    body: msg,
    attributes,
    // Whether that trace was sampled is not known here.
    context:
      trace_id && span_id
        ? trace.setSpanContext(ROOT_CONTEXT, {
            traceId: trace_id,
            spanId: span_id,
            traceFlags: TraceFlags.NONE,
          })
        : ROOT_CONTEXT,
  };
};
