import { GatewayError, type Subject } from '../../errors.ts';
import type { Phases } from '../../gateway/ports.ts';
import type { Api } from '../../gateway/relay.ts';

/** The fields of each API that hold what a backend can refuse. */
const FIELDS: Partial<Readonly<Record<Api, Readonly<Record<Subject, string | null>>>>> = {
  chat: { tools: 'tools', conversation: 'messages', effort: 'reasoning_effort' },
  completions: { tools: null, conversation: 'prompt', effort: null },
  responses: { tools: 'tools', conversation: 'input', effort: 'reasoning.effort' },
};

const named = (error: GatewayError, api: Api): GatewayError => {
  const field = error.subject && FIELDS[api]?.[error.subject];
  return field
    ? new GatewayError(error.code, `'${field}': ${error.message}`, {
        param: field,
        headers: error.headers,
        cause: error.cause,
      })
    : error;
};

/** Phase 2, whose refusals name the field as the client's API calls it: a backend knows no API. */
export const withFieldNames =
  (submit: Phases['backendSubmission']): Phases['backendSubmission'] =>
  async (exchange, call) => {
    try {
      return await submit(exchange, call);
    } catch (thrown) {
      if (!(thrown instanceof GatewayError) || call.type !== 'request') throw thrown;
      throw named(thrown, call.request.api);
    }
  };
