import type { HttpBackendSettings } from './http-backend-settings.ts';

/** A backend as the operator has named it. The app-server's own settings are in the environment. */
export type ConfiguredBackend =
  | { readonly kind: 'app-server'; readonly name: string }
  | { readonly kind: 'http'; readonly name: string; readonly settings: HttpBackendSettings };

/** One of the backends among which a rule chooses. */
export interface WeightedBackend {
  readonly backend: string;
  /** A whole number, 1 or more. */
  readonly weight: number;
}

/** Which backends get the requests for a model. */
export interface RouteRule {
  /** A model's name; `*` stands for any text, also for none. */
  readonly match: string;
  /** One of them is chosen for each request. */
  readonly backends: readonly WeightedBackend[];
  /** What the backends get as the model; null: as the client sent it. */
  readonly model: string | null;
  /** Tried in this order where the chosen one fails. */
  readonly fallback: readonly string[];
}

/** What the routes file says: the backends in its order, and the rules, of which the first one that matches counts. */
export interface Routes {
  readonly backends: readonly ConfiguredBackend[];
  readonly rules: readonly RouteRule[];
}
