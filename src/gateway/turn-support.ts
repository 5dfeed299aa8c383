/** What becomes of one parameter of an API on a backend that takes turns. */
export interface ParameterSupport {
  /**
   * Honoured: it has its effect. Emulated: the gateway sees to it, since the backend cannot. Ignored: accepted and named in
   * `x-throughline-ignored`. Refused: it would change the answer.
   */
  readonly support: 'honoured' | 'emulated' | 'ignored' | 'refused';
  readonly note?: string;
  /** Values that ask for what is done anyway. */
  readonly idle?: readonly unknown[];
  /** The name under which it goes on in `Turn.settings`, as it came. */
  readonly setting?: string;
}

/** The parameters of one API, by name. docs/parameters.md shows the tables, and a test holds it to them. */
export type SupportTable = Readonly<Record<string, ParameterSupport>>;

/** The APIs whose requests become turns. */
export type TurnApi = 'chat' | 'completions' | 'responses';

/** What a backend makes of a turn's parameters. */
export interface TurnSupport {
  /** What messages to clients call the backend: `the app-server`. */
  readonly called: string;
  readonly parameters: Readonly<Record<TurnApi, SupportTable>>;
  /** Whether it can be told to call a tool; else the gateway emulates it. */
  readonly forcesTools: boolean;
  /** Whether it can be told to call one tool at most; else the gateway emulates it. */
  readonly oneCall: boolean;
  /** Whether it can be told to answer with a JSON object; else the gateway emulates it. */
  readonly jsonObject: boolean;
  /** Whether earlier reasoning goes to the model. */
  readonly reasoning: boolean;
  /** Whether `detail` of images, `strict` of tools and schemas, and `verbosity` go on. */
  readonly details: boolean;
}

export const honoured = (note?: string): ParameterSupport => ({ support: 'honoured', ...(note && { note }) });

/** It goes on as it came; `setting` is what Chat Completions calls it. */
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
