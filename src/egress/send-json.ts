import { errorBody, type GatewayError } from '../errors.ts';
import type { Exchange, Outcome, Settlement } from '../gateway/ports.ts';
import { idsOf } from '../gateway/request-ids.ts';
import { openEgressSpan } from './egress-span.ts';
import { settled, unfinished } from './settle.ts';

type Headers = Readonly<Record<string, string>>;

const wasTaken = async (written: Promise<void> | null): Promise<boolean> => {
  try {
    await written;
    return true;
  } catch {
    return false;
  }
};

/** Sends a whole JSON answer, of a request that ends as `outcome`. Resolves false when the client left before its end. */
export const sendJson = async (
  exchange: Exchange,
  status: number,
  body: unknown,
  headers: Headers = {},
  outcome: Outcome = 'completed',
): Promise<boolean> => {
  const { client } = exchange;
  const text = JSON.stringify(body);
  const head = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  };
  if (client.bodiless) {
    client.head(status, head);
    return client.end();
  }
  const egress = openEgressSpan(exchange);
  egress.span.event('client_json', { statusCode: status, payload: body });
  egress.head(status, head);
  const isWritten = await wasTaken(egress.write(text));
  const complete = (await egress.end()) && isWritten;
  egress.close(complete ? outcome : unfinished(exchange, status).outcome);
  return complete;
};

/** Answers with the error, unless nobody is there to read it any more. */
export const refuse = async (exchange: Exchange, error: GatewayError): Promise<Settlement> => {
  const nobodyReads = error.code === 'client_disconnected' || exchange.client.headSent;
  if (nobodyReads) return settled(error.status, error.outcome, error);
  const body = errorBody(error, idsOf(exchange));
  const complete = await sendJson(exchange, error.status, body, error.headers, error.outcome);
  return complete ? settled(error.status, error.outcome, error) : unfinished(exchange, error.status);
};
