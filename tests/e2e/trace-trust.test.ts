import { chat, clientTrace, user } from '../support/chat.ts';
import { startGateway } from '../support/gateway.ts';

describe('whose traceparent counts', () => {
  it.each(['never', 'authenticated'])('%s: of a stranger it becomes a link', async (trust) => {
    const gateway = await startGateway({ PROXY_TRACE_TRUST: trust });
    try {
      const client = clientTrace('d');
      const got = await chat(
        gateway.url,
        { model: 'throughline-echo', messages: user('hi') },
        { headers: { traceparent: client.header } },
      );
      expect(got.headers.get('x-trace-id')).not.toBe(client.traceId);
      const line = await gateway.waitForMirror((lines) =>
        lines.find(
          (one) =>
            one.type === 'span' &&
            one.service === 'throughline' &&
            one.span_kind === 'SERVER' &&
            one.req_id === got.reqId,
        ),
      );
      expect(line?.type === 'span' && line.otlp.links).toMatchObject([
        { traceId: client.traceId, spanId: client.spanId },
      ]);
    } finally {
      await gateway.remove();
    }
  });

  it('authenticated: that of a client with a key does', async () => {
    const gateway = await startGateway({ PROXY_TRACE_TRUST: 'authenticated', PROXY_API_KEYS: 'ui:sk-1' });
    try {
      const client = clientTrace('e');
      const headers = { traceparent: client.header, authorization: 'Bearer sk-1' };
      const got = await chat(gateway.url, { model: 'throughline-echo', messages: user('hi') }, { headers });
      expect(got.headers.get('x-trace-id')).toBe(client.traceId);
    } finally {
      await gateway.remove();
    }
  });
});
