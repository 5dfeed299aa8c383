import type { ThreadRules } from './codex/closing.ts';

/** What the thread of a turn is started with. */
export type ThreadConfigSettings = ThreadRules & {
  /** The file with the model catalogue; null where Codex is to use its own. */
  readonly modelCatalog: string | null;
};

/** Without it an unsubscribed thread stays loaded for a minute, at over a megabyte each. */
const UNLOAD_AT_ONCE = { thread_unload_delay_secs: 0 };

const catalogConfig = (modelCatalog: string | null) =>
  modelCatalog === null ? {} : { model_catalog_json: modelCatalog };

/** The overrides of `config.toml` for the thread of one turn. */
export const threadConfig = (
  config: ThreadConfigSettings['config'],
  modelCatalog: string | null,
): Readonly<Record<string, unknown>> => ({
  ...UNLOAD_AT_ONCE,
  ...config,
  ...catalogConfig(modelCatalog),
});
