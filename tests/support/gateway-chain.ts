import type { MirrorLine } from '../../src/telemetry/mirror/line.ts';
import { type GatewayProcess, startGateway } from './gateway.ts';
import { createUpstreamServer, type UpstreamReply, type UpstreamServer } from './upstream-server.ts';

type SpanLine = Extract<MirrorLine, { type: 'span' }>;

export const spansOf = (lines: readonly MirrorLine[], reqId: string): SpanLine[] =>
  lines.filter((line): line is SpanLine => line.type === 'span' && line.req_id === reqId);

export const named = (spans: readonly SpanLine[], name: string): SpanLine => {
  const found = spans.filter((span) => span.name === name);
  expect([name, found.length]).toEqual([name, 1]);
  return found[0] as SpanLine;
};

/** client → gateway → gateway → model server, each a process of its own; the second gateway's backend is chosen by the block. */
export const useChain = (second: Record<string, string>, ...replies: UpstreamReply[]) => {
  const chain = {} as { model: UpstreamServer; near: GatewayProcess; far: GatewayProcess };
  beforeAll(async () => {
    chain.model = await createUpstreamServer(...replies);
    chain.far = await startGateway({
      PROXY_UPSTREAM_URL: chain.model.url,
      OTEL_SERVICE_NAME: 'far',
      ...second,
    });
    chain.near = await startGateway({ PROXY_UPSTREAM_URL: `${chain.far.url}/v1`, OTEL_SERVICE_NAME: 'near' });
  });
  afterAll(async () => {
    await Promise.all([chain.near?.remove(), chain.far?.remove()]);
    await chain.model?.close();
  });
  return chain;
};

interface ShownSpan {
  readonly name: string;
  readonly service: string;
  readonly children: readonly ShownSpan[];
}

/** Each span with its service, those below it indented. */
export const outline = (spans: readonly ShownSpan[], indent = ''): string[] =>
  spans.flatMap(({ name, service, children }) => [
    `${indent}${service} ${name}`,
    ...outline(children, `${indent}  `),
  ]);
