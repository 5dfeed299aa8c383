import { ExportResultCode } from '@opentelemetry/core';
import { InMemorySpanExporter, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace';
import { createDiagnostics } from '../../src/app-server/diagnostics.ts';
import { createMirrorProcessor } from '../../src/app-server/telemetry/mirror-processor.ts';

describe('the mirror processor', () => {
  const span = { name: 's' } as ReadableSpan;
  const createMirror = (exporter: SpanExporter) => {
    const said: string[] = [];
    const diagnostics = createDiagnostics((line) => said.push(line));
    return { said, mirror: createMirrorProcessor({ exporter, diagnostics, delayMs: 10_000, maxQueue: 2 }) };
  };

  test('sends what was ended, in order, when it is flushed', async () => {
    const exporter = new InMemorySpanExporter();
    const { mirror, said } = createMirror(exporter);
    for (let i = 0; i < 2; i += 1) mirror.onEnd(span);
    await mirror.forceFlush();
    expect(exporter.getFinishedSpans().length).toBe(2);
    expect(said).toEqual([]);
  });

  test('counts what did not fit into the queue, and what the gateway did not take', async () => {
    const full = createMirror(new InMemorySpanExporter());
    for (let i = 0; i < 5; i += 1) full.mirror.onEnd(span);
    await full.mirror.forceFlush();
    expect(JSON.parse(String(full.said[0]))).toMatchObject({ level: 'warn', dropped: 3 });

    const refusing = createMirror({
      export: (_spans, done) => done({ code: ExportResultCode.FAILED }),
      shutdown: () => Promise.resolve(),
    });
    refusing.mirror.onEnd(span);
    await refusing.mirror.shutdown();
    expect(JSON.parse(String(refusing.said[0]))).toMatchObject({ dropped: 1 });
  });
});
