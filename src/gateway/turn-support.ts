/** How a backend that takes turns treats one parameter of an API. */
export interface ParameterSupport {
  /**
   * Honoured: it has its effect. Emulated: the gateway does it, since the backend cannot. Ignored: accepted without
   * effect, and named in `x-throughline-ignored`. Refused: an error, since without it the answer would be another.
   */
  readonly support: 'honoured' | 'emulated' | 'ignored' | 'refused';
  readonly note?: string;
  /** Values that are accepted silently, since they ask for what happens anyway. */
  readonly idle?: readonly unknown[];
  /** The key in `Turn.settings` under which its value is passed on unchanged. */
  readonly setting?: string;
}

/** The parameters of one API, by name. docs/parameters.md shows the tables, and a test holds it to them. */
export type SupportTable = Readonly<Record<string, ParameterSupport>>;

/** The APIs whose requests become turns. */
export type TurnApi = 'chat' | 'completions' | 'responses';

/** How a backend treats a turn's parameters. */
export interface TurnSupport {
  /** The backend in messages to clients: `the app-server`. */
  readonly called: string;
  readonly parameters: Readonly<Record<TurnApi, SupportTable>>;
  /** Whether it can be told to call a tool; else the gateway emulates it. */
  readonly forcesTools: boolean;
  /** Whether it can be told to call one tool at most; else the gateway emulates it. */
  readonly oneCall: boolean;
  /** Whether it can be told to answer with a JSON object; else the gateway emulates it. */
  readonly jsonObject: boolean;
  /** Whether earlier reasoning is sent to the model. */
  readonly reasoning: boolean;
  /** Whether `detail` of images, `strict` of tools and schemas, and `verbosity` are sent. */
  readonly details: boolean;
}

export const honoured = (note?: string): ParameterSupport => ({ support: 'honoured', ...(note && { note }) });

/** Honoured by passing its value on unchanged. `setting`: its name in Chat Completions. */
export const carried = (setting: string, note?: string): ParameterSupport => ({ ...honoured(note), setting });

export const emulated = (note: string): ParameterSupport => ({ support: 'emulated', note });

export const ignored = (note?: string, idle: readonly unknown[] = []): ParameterSupport => ({
  support: 'ignored',
  idle,
  ...(note && { note }),
});

export const refused = (note: string, idle: readonly unknown[] = []): ParameterSupport => ({
  support: 'refused',
  idle,
  note,
});
