/** What a catalogue is to let its models have. */
export interface CatalogOptions {
  /** Whether Codex may offer tools of its own for changing files and for more agents. */
  readonly ownTools: boolean;
}

/** With it, Codex puts all tools inside of its own `exec`: calls of the client's tools then never reach the client as calls. */
const CODE_MODE = ['tool_mode'];
const OWN_TOOLS = ['apply_patch_tool_type', 'multi_agent_version'];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Codex's model catalogue (the output of `codex debug models`) with every model in direct tool mode.
 *
 * @throws Error where the text is no such catalogue
 */
export const withDirectTools = (catalog: string, { ownTools }: CatalogOptions): string => {
  const parsed: unknown = JSON.parse(catalog);
  const models = isObject(parsed) ? parsed['models'] : undefined;
  if (!isObject(parsed) || !Array.isArray(models) || !models.every(isObject)) {
    throw new Error('the output of `codex debug models` has no list of models');
  }
  const dropped = new Set(ownTools ? CODE_MODE : [...CODE_MODE, ...OWN_TOOLS]);
  const kept = (model: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(model).filter(([field]) => !dropped.has(field)));
  return JSON.stringify({ ...parsed, models: models.map(kept) });
};
