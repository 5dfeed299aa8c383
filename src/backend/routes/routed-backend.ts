import type { HttpBackendSettings } from '../../gateway/http-backend-settings.ts';
import type { Backend, RelayBackend, TurnBackend } from '../../gateway/ports.ts';
import type { Api, RelayRequest } from '../../gateway/relay.ts';

/** A backend as the router sees it: the APIs that it serves, as a relay or by translation to turns. */
export type RoutedBackend =
  | { readonly kind: 'app-server'; readonly name: string; readonly turn: TurnBackend }
  | {
      readonly kind: 'http';
      readonly name: string;
      readonly serves: Pick<HttpBackendSettings, 'apis' | 'passthrough'>;
      readonly relay: RelayBackend;
      /** Takes requests of APIs that the server lacks, as turns; null if the server has no Chat Completions. */
      readonly translated: TurnBackend | null;
    };

const OF_TURNS: ReadonlySet<Api> = new Set<Api>(['chat', 'completions', 'responses']);

/** The id in the path of a stored response; null for any other path. */
export const responseIdOf = ({ api, target }: Pick<RelayRequest, 'api' | 'target'>): string | null =>
  api === 'responses' ? (/^\/responses\/([^/?]+)/.exec(target)?.[1] ?? null) : null;

type Asked = Pick<RelayRequest, 'api' | 'target'>;

/** Whether the request can become a turn. A request for a stored response cannot: only the server that stored it has it. */
export const isTurn = (asked: Asked): boolean => OF_TURNS.has(asked.api) && responseIdOf(asked) === null;

/** The form of a backend that takes the request; null if none does. */
export const formFor = (routed: RoutedBackend, asked: Asked): Backend | null => {
  if (routed.kind === 'app-server') return isTurn(asked) ? routed.turn : null;
  const { apis, passthrough } = routed.serves;
  if (apis.includes(asked.api)) return routed.relay;
  if (isTurn(asked) && apis.includes('chat') && routed.translated) return routed.translated;
  return passthrough ? routed.relay : null;
};

/** Any form of a backend, for questions that each form answers alike, such as its models. */
export const anyForm = (routed: RoutedBackend): Backend =>
  routed.kind === 'http' ? routed.relay : routed.turn;
