import { type BackendSpans, createBackendSpans } from '../../src/telemetry/backend-spans.ts';
import type { MirrorLine, OtlpSpan } from '../../src/telemetry/mirror/line.ts';
import { createMirrorWriter } from '../../src/telemetry/mirror/writer.ts';
import type { OtelEnv } from '../../src/telemetry/otel/variables.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';
import type { ResourceSpans } from '../support/otlp-spans.ts';
import { policyOf } from '../support/sanitizer.ts';

export const SECRET = 'for nobody to see';

type LogLine = Record<string, unknown> & { msg: string };

export const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

export const spanOf = (index: number): OtlpSpan => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: index.toString(16).padStart(16, '0'),
  parentSpanId: 'b7ad6b7169203331',
  traceState: 'throughline=req_0123456789ab',
  flags: 0x301,
  name: `step ${index}`,
  kind: 2,
  startTimeUnixNano: '1795281027871535881',
  endTimeUnixNano: '1795281028871545605',
  attributes: [
    text('phase', 'BeforeTaskRegistration'),
    text('api_key', SECRET),
    { key: 'thread.id', value: { intValue: '4' } },
    { key: 'beyond', value: { intValue: '9007199254740993' } },
    { key: 'ready', value: { boolValue: true } },
    { key: 'share', value: { doubleValue: 0.5 } },
    { key: 'names', value: { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '1' }] } } },
    { key: 'map', value: { kvlistValue: { values: [text('b', 'c')] } } },
  ],
  events: [
    {
      timeUnixNano: '1795281027871535999',
      name: 'heard',
      attributes: [text('word', 'x')],
      droppedAttributesCount: 0,
    },
  ],
  links: [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16), attributes: [], flags: 0x101 }],
  status: { code: 2, message: 'it broke' },
  droppedAttributesCount: 1,
  droppedEventsCount: 2,
  droppedLinksCount: 3,
});

export const exportWith = (spans: readonly unknown[]): { resourceSpans: ResourceSpans[] } => ({
  resourceSpans: [
    {
      resource: { attributes: [text('service.name', 'codex-app-server')] },
      scopeSpans: [{ scope: { name: 'codex', version: '1' }, spans: spans as never[] }],
    },
  ],
});
export const exportOf = (count: number) =>
  exportWith(Array.from({ length: count }, (_, index) => spanOf(index)));

/** Backend spans that a test can open, in front of a collector; both are closed by themselves. */
export const useBackendSpans = () => {
  let collector: OtlpReceiver;
  let opened: BackendSpans | undefined;
  /** The exporters read the process's environment themselves, as they do in the gateway. */
  const outer = { ...process.env };
  beforeAll(async () => {
    collector = await createOtlpReceiver();
  });
  afterEach(async () => {
    await opened?.close();
    await opened?.shutdown();
    process.env = { ...outer };
    collector.reset();
  });
  afterAll(() => collector.close());

  const open = async (env: OtelEnv = {}, onLine: (lines: MirrorLine[]) => void = () => undefined) => {
    process.env = { ...outer, ...env };
    const lines: MirrorLine[] = [];
    const log: LogLine[] = [];
    const say = (fields: Readonly<Record<string, unknown>>, msg: string) => void log.push({ ...fields, msg });
    const write = (line: string): boolean => {
      lines.push(JSON.parse(line));
      onLine(lines);
      return true;
    };
    const spans = await createBackendSpans(
      createMirrorWriter({ write }, () => 0n),
      policyOf('full'),
      env,
      { error: say, warn: say, info: say, debug: say },
    );
    opened = spans;
    const { name, value } = spans.relay.header;
    const post = (url: string, body: string, type = 'application/json') =>
      fetch(url, { method: 'POST', headers: { 'content-type': type, [name]: value }, body });
    const send = async (url: string, body: unknown): Promise<number> =>
      (await post(url, JSON.stringify(body))).status;
    return { spans, lines, log, post, send };
  };

  return {
    open,
    /** What the collector was sent. */
    exported: () => collector.spans(),
    exporting: (): OtelEnv => ({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }),
  };
};
