import type { Exchange, NameModel, Settlement } from '../gateway/ports.ts';

/** What the access line of a request says. `schemas/access-line.schema.json` says the same. */
export type WriteAccessLine = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** One structured line a request, refused ones included. */
export const createAccessLog =
  (write: WriteAccessLine, nameModel: NameModel) =>
  (exchange: Exchange, settlement: Settlement): void => {
    const { scope, server, traceId } = exchange.trace;
    const duration_ms = Number(server.now() - exchange.receivedNs) / 1e6;
    write(
      {
        kind: 'access',
        req_id: exchange.reqId,
        trace_id: traceId,
        span_id: server.spanId,
        method: scope.method,
        route: scope.route,
        mode: scope.mode,
        status_code: settlement.status,
        outcome: settlement.outcome,
        error_code: settlement.error?.code ?? null,
        model: nameModel(exchange.facts.model),
        key_name: exchange.facts.keyName,
        duration_ms,
        bytes_out: exchange.client.bytesWritten,
        ...(settlement.error?.cause instanceof Error && { cause: settlement.error.cause }),
      },
      `${scope.method} ${scope.route} ${settlement.status} ${settlement.outcome}`,
    );
  };
