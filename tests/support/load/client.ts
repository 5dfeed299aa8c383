import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { GIVE_UP_MS } from '../give-up.ts';
import type { Plan } from './plan.ts';

/** What a client got. */
export type Seen = {
  readonly plan: Plan;
  /** Null where there was no head. */
  readonly status: number | null;
  readonly text: string;
  /** The answer came to its end, and the client was still there. */
  readonly whole: boolean;
  /** What broke that the client did not break itself. */
  readonly problem: string | null;
};

const turns = async (count: number): Promise<void> => {
  for (let passed = 0; passed < count; passed++) await turn();
};

/** Reads to the end, or leaves in the middle. */
const read = async (
  incoming: IncomingMessage,
  { leave, stays, pauseMs }: Plan,
  got: string[],
): Promise<boolean> => {
  let pieces = 0;
  for await (const piece of incoming.setEncoding('utf8') as AsyncIterable<string>) {
    got.push(piece);
    if (leave === 'half read') {
      // Takes nothing for a while, and is gone then.
      await turns(50 * stays);
      return false;
    }
    if (leave === 'within the answer' && ++pieces > stays) return false;
    if (pauseMs > 0) await pause(pauseMs);
  }
  return incoming.complete;
};

const begin = (base: string, { path, headers, body, reqId, leave }: Plan): ClientRequest => {
  const { hostname, port } = new URL(base);
  const outgoing = request({
    hostname,
    port,
    path,
    method: 'POST',
    agent: false,
    headers: { ...headers, 'x-request-id': reqId, 'content-length': Buffer.byteLength(body) },
    signal: AbortSignal.timeout(GIVE_UP_MS),
  });
  if (leave === 'within its body') outgoing.write(body.slice(0, body.length / 2));
  else outgoing.end(body);
  return outgoing;
};

/** Leaves before there is an answer, or as soon as there is one after all. */
const leaveEarly = async (outgoing: ClientRequest, { stays }: Plan): Promise<void> => {
  const connected = once(outgoing, 'socket').then(([socket]) =>
    socket.connecting ? once(socket, 'connect') : null,
  );
  await connected;
  await turns(1 + stays);
};

/** Does what the plan says, over a connection of its own. Never rejects. */
export const runClient = async (base: string, plan: Plan): Promise<Seen> => {
  const outgoing = begin(base, plan);
  const got: string[] = [];
  let status: number | null = null;
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  answered.catch(() => undefined);
  // What is sent after the destruction is nobody's business any more.
  outgoing.on('error', () => undefined);
  const see = (whole: boolean, problem: string | null): Seen => ({
    plan,
    status,
    text: got.join(''),
    whole,
    problem,
  });
  try {
    if (plan.leave === 'within its body' || plan.leave === 'before the head') {
      await leaveEarly(outgoing, plan);
      return see(false, null);
    }
    const [incoming] = await answered;
    status = incoming.statusCode ?? null;
    const whole = await read(incoming, plan, got);
    return see(whole, whole || plan.leave !== 'never' ? null : 'the answer was cut off');
  } catch (thrown) {
    return see(false, String(thrown));
  } finally {
    outgoing.destroy();
  }
};

/** Runs all of them, `atOnce` at a time; `onBegin` is called before each. */
export const runClients = async (
  base: string,
  plans: readonly Plan[],
  atOnce: number,
  onBegin: (plan: Plan) => void = () => undefined,
): Promise<Seen[]> => {
  const seen: Seen[] = [];
  const waiting = plans.values();
  const lane = async (): Promise<void> => {
    for (const plan of waiting) {
      onBegin(plan);
      seen.push(await runClient(base, plan));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return seen;
};
