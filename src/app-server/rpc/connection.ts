import type { RpcResponse } from '../../app-server-protocol/index.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { ClientIdentity, ClientOutput, RpcClient } from './client.ts';
import { readEnvelope } from './envelope.ts';
import { RPC_CODES } from './failure.ts';
import { createPendingAsks } from './pending-asks.ts';
import type { AnswerRequest } from './request-boundary.ts';

export interface ConnectionOptions {
  readonly connectionId: string;
  readonly output: ClientOutput;
  readonly answer: AnswerRequest;
  readonly onClose: (client: RpcClient) => void;
  readonly diagnostics: Diagnostics;
}

export interface Connection {
  /** Takes one line or frame. Requests are begun in the order of their arrival. */
  readonly receive: (message: string) => void;
  /** Answers something that was never read as a message, such as a line over the bound. */
  readonly refuse: (problem: string) => void;
  readonly close: () => void;
}

const createClient = (options: ConnectionOptions, asks: ReturnType<typeof createPendingAsks>): RpcClient => {
  const { connectionId, output } = options;
  let identity: ClientIdentity | undefined;
  return {
    connectionId,
    identity: () => identity,
    identify(given) {
      identity = given;
    },
    notify(notification) {
      if (identity?.optOut.has(notification.method)) return Promise.resolve();
      output.write(JSON.stringify({ ...notification, emittedAtMs: Date.now() }));
      return output.ready();
    },
    ask: ({ method, params }, signal, onSent) =>
      asks.open((id) => {
        output.write(JSON.stringify({ method, id, params }));
        onSent(id);
      }, signal),
    writeRaw: output.write,
  };
};

/** One client's conversation, whatever carries it: tells messages apart and hands each to who answers it. */
export const createConnection = (options: ConnectionOptions): Connection => {
  const { output, answer, diagnostics, connectionId } = options;
  const asks = createPendingAsks();
  const client = createClient(options, asks);
  let open = true;
  const send = (response: RpcResponse) => {
    if (open) output.write(JSON.stringify(response));
  };
  const refuse = (id: string | number | null, code: number, message: string) => {
    diagnostics.warn('a message was refused', { connection: connectionId, code, problem: message });
    send({ id, error: { code, message } });
  };

  return {
    receive(text) {
      const message = readEnvelope(text);
      switch (message.type) {
        case 'request':
          void answer(message, client).then(send);
          return;
        case 'response':
          if (!asks.settle(message.id, message.answer)) {
            diagnostics.warn('an answer to no question of ours', { connection: connectionId });
          }
          return;
        case 'notification':
          return; // `initialized` is the only one, and asks for nothing.
        case 'unparsable':
          refuse(null, RPC_CODES.parseError, 'Parse error: the message is not JSON');
          return;
        case 'invalid':
          refuse(message.id, RPC_CODES.invalidRequest, `Invalid request: ${message.problem}`);
      }
    },
    refuse: (problem) => refuse(null, RPC_CODES.invalidRequest, `Invalid request: ${problem}`),
    close() {
      if (!open) return;
      open = false;
      asks.closeAll();
      options.onClose(client);
    },
  };
};
