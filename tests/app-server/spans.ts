import type { ReceivedSpan } from '../support/otlp-spans.ts';
import { type AppServer, exportTo, type StartOptions, startAppServer, withReceiver } from './support.ts';

/** Runs `use`, ends the process, and gives all that it has exported. */
export const spansOf = async (
  options: StartOptions,
  use: (server: AppServer) => Promise<void>,
): Promise<ReceivedSpan[]> => {
  let spans: ReceivedSpan[] = [];
  await withReceiver(async (receiver) => {
    const server = startAppServer({ ...options, env: { ...exportTo(receiver), ...options.env } });
    await use(server).finally(() => server.close());
    spans = receiver.spans();
  });
  return spans;
};

export const requestOf = (spans: readonly ReceivedSpan[], method: string): ReceivedSpan => {
  const found = spans.filter(
    (span) => span.name === 'app_server.request' && span.attributes['rpc.method'] === method,
  );
  expect(found.length).toBe(1);
  return found[0] as ReceivedSpan;
};
export const named = (spans: readonly ReceivedSpan[], name: string) =>
  spans.filter((span) => span.name === name);
export const durationOf = ({ otlp }: ReceivedSpan) =>
  Number(BigInt(otlp.endTimeUnixNano) - BigInt(otlp.startTimeUnixNano)) / 1e6;
