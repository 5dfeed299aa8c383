/** JSON-RPC's codes, and the two of the real app-server that are not in the specification. */
export const RPC_CODES = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  overloaded: -32001,
} as const;

/** A refusal that the client is told about; its message names fields, never their values. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure';
  readonly code: number;

  constructor(code: keyof typeof RPC_CODES, message: string) {
    super(message);
    this.code = RPC_CODES[code];
  }
}

export const invalidRequest = (message: string): RpcFailure => new RpcFailure('invalidRequest', message);
export const invalidParams = (message: string): RpcFailure => new RpcFailure('invalidParams', message);
