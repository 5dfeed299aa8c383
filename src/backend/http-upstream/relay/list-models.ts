import { GatewayError } from '../../../errors.ts';
import type { TraceSpan } from '../../../gateway/ports.ts';
import { isTooMuchToParse } from '../../../json-values.ts';
import type { Pace } from '../../../pace.ts';
import { membersOf, parsedJson } from '../json-shapes.ts';
import { runAttempt, type ServerDeps } from './attempt.ts';
import { peek } from './peek.ts';

const MAX_LIST_BYTES = 8 * 1024 * 1024;
const MAX_MODELS = 10_000;
/** No model has a longer name; names are remembered, so a longer one is none. */
const MAX_ID_CHARS = 512;
/** A server that does not send its list in this time counts as down. */
const MAX_LIST_MS = 10_000;

const READ_ENOUGH = new GatewayError('backend_error', 'The list of models is too long.');

const SUCCESS = /^2\d\d$/;

/** A server's answer to `GET /models`. */
export interface ModelListing {
  /** In the server's order; null if the server answered without a list. */
  readonly ids: readonly string[] | null;
  /** Why there is no list. */
  readonly reason: string | null;
}

interface ListDeps extends ServerDeps {
  readonly pace: Pace;
}

const idOf = (entry: unknown): string[] => {
  const id = (entry as { id?: unknown } | null)?.id;
  return typeof id === 'string' && id !== '' && id.length <= MAX_ID_CHARS ? [id] : [];
};

/** The ids in `{"data":[{"id":…}]}`, without duplicates; null if it is no such list, or too long. */
const idsOf = async (bytes: Uint8Array, pace: Pace): Promise<readonly string[] | null> => {
  const text = Buffer.from(bytes).toString('utf8');
  if (bytes.length >= MAX_LIST_BYTES || (await isTooMuchToParse(text, pace))) return null;
  await pace.turn();
  const data = membersOf(parsedJson(text))['data'];
  return Array.isArray(data) ? [...new Set(data.flatMap(idOf))].slice(0, MAX_MODELS) : null;
};

const late = ({ settings }: ServerDeps): GatewayError =>
  new GatewayError(
    'backend_first_byte_timeout',
    `The backend "${settings.name}" did not list its models within ${MAX_LIST_MS} ms.`,
  );

/** The span and the request that ask for the list. */
export interface ListingFor {
  readonly parent: TraceSpan;
  readonly reqId: string | null;
}

/**
 * Asks a server for its models (`GET {url}/models`). Any answer, even an error, means that the server is up.
 *
 * @throws GatewayError if the server does not answer
 */
export const askForModels = async (
  deps: ListDeps,
  { parent, reqId }: ListingFor,
  signal: AbortSignal,
): Promise<ModelListing> => {
  const deadline = new AbortController();
  const cancel = deps.timers.later(MAX_LIST_MS, () => deadline.abort(late(deps)));
  try {
    const { result, call } = await runAttempt(
      deps,
      { method: 'GET', target: '/models', clientHeaders: {}, body: { type: 'none' }, shown: undefined },
      { parent, reqId, signal: AbortSignal.any([signal, deadline.signal]), resends: 0, fresh: false },
    );
    if (result.type === 'failed') throw result.error;
    // A list that was cut does not parse, and counts as none.
    const { start } = await peek(result.bytes, MAX_LIST_BYTES);
    call.cut(READ_ENOUGH);
    if (!SUCCESS.test(String(result.status))) {
      return { ids: null, reason: `it answered ${result.status} to GET /models` };
    }
    const ids = await idsOf(start, deps.pace);
    return ids ? { ids, reason: null } : { ids: null, reason: 'its answer to GET /models is no list' };
  } finally {
    cancel();
  }
};
