import type { HttpBackendSettings } from './http-backend-settings.ts';

/** A backend as the operator has configured it. The settings of the app-server are in the environment. */
export type ConfiguredBackend =
  | { readonly kind: 'app-server'; readonly name: string }
  | { readonly kind: 'http'; readonly name: string; readonly settings: HttpBackendSettings };

/** One of the backends of a rule. */
export interface WeightedBackend {
  readonly backend: string;
  /** A whole number of at least 1. */
  readonly weight: number;
}

/** A backend that is tried where the chosen one fails. */
export interface FallbackBackend {
  readonly backend: string;
  /** What it gets as the model; null: as the others of its rule. */
  readonly model: string | null;
}

/** Which backends get the requests for a model. */
export interface RouteRule {
  /** A model's name; `*` stands for any text, even an empty one. */
  readonly match: string;
  /** One of them is chosen for each request. */
  readonly backends: readonly WeightedBackend[];
  /** The model's name for the backends; null: the client's own. */
  readonly model: string | null;
  /** Tried in this order if the chosen one fails. */
  readonly fallback: readonly FallbackBackend[];
}

/** The content of the routes file. Backends and rules are in its order; the first rule that matches applies. */
export interface Routes {
  readonly backends: readonly ConfiguredBackend[];
  readonly rules: readonly RouteRule[];
}
