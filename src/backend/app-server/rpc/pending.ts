import type { TraceSpan } from '../../../gateway/ports.ts';
import type { RpcErrorObject, RpcId } from './message.ts';

/** A request of ours that waits for its answer. */
export interface PendingRequest {
  readonly method: string;
  readonly span: TraceSpan;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The app-server answered with an error object. */
export class RpcCallError extends Error {
  readonly code: number;
  readonly method: string;

  constructor(method: string, error: RpcErrorObject) {
    super(error.message);
    this.name = 'RpcCallError';
    this.code = error.code;
    this.method = method;
  }
}

/** id → request. A request whose caller gave up stays until its answer comes, so that the answer finds its trace. */
export interface PendingRequests {
  readonly size: number;
  add(request: PendingRequest): number;
  /** Takes the request out; undefined for an id that is not ours or was answered before. */
  take(id: RpcId): PendingRequest | undefined;
  /** Takes all out, for a connection that is gone. */
  drain(): PendingRequest[];
}

export const createPendingRequests = (): PendingRequests => {
  const requests = new Map<RpcId, PendingRequest>();
  let nextId = 1;
  return {
    get size() {
      return requests.size;
    },
    add(request) {
      const id = nextId++;
      requests.set(id, request);
      return id;
    },
    take(id) {
      const request = requests.get(id);
      requests.delete(id);
      return request;
    },
    drain() {
      const all = [...requests.values()];
      requests.clear();
      return all;
    },
  };
};
