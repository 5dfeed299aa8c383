import type { HttpBackendSettings } from '../../gateway/http-backend-settings.ts';
import type { Backend, RelayBackend, TurnBackend } from '../../gateway/ports.ts';
import type { Api, RelayRequest } from '../../gateway/relay.ts';

/** A backend as the router has it: what it serves, and by which of its two forms. */
export type RoutedBackend =
  | { readonly kind: 'app-server'; readonly name: string; readonly turn: TurnBackend }
  | {
      readonly kind: 'http';
      readonly name: string;
      readonly serves: Pick<HttpBackendSettings, 'apis' | 'passthrough'>;
      readonly relay: RelayBackend;
      /** Takes requests of APIs that the server lacks as turns; null where it cannot. */
      readonly translated: TurnBackend | null;
    };

const OF_TURNS: ReadonlySet<Api> = new Set<Api>(['chat', 'completions', 'responses']);

/** The id in a path of a stored response; null where the request is for none. */
export const responseIdOf = ({ api, target }: Pick<RelayRequest, 'api' | 'target'>): string | null =>
  api === 'responses' ? (/^\/responses\/([^/?]+)/.exec(target)?.[1] ?? null) : null;

type Asked = Pick<RelayRequest, 'api' | 'target'>;

/** Whether a backend of turns takes the request. What is stored is at the server that stored it: never a turn. */
export const isTurn = (asked: Asked): boolean => OF_TURNS.has(asked.api) && responseIdOf(asked) === null;

/** The form of a backend that takes the request; null where it serves no such thing. */
export const formFor = (routed: RoutedBackend, asked: Asked): Backend | null => {
  if (routed.kind === 'app-server') return isTurn(asked) ? routed.turn : null;
  const { apis, passthrough } = routed.serves;
  if (apis.includes(asked.api)) return routed.relay;
  if (isTurn(asked) && apis.includes('chat') && routed.translated) return routed.translated;
  return passthrough ? routed.relay : null;
};

/** For a question that any form answers, such as which models there are. */
export const anyForm = (routed: RoutedBackend): Backend =>
  routed.kind === 'http' ? routed.relay : routed.turn;
