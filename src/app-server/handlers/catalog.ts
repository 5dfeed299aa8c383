import type { ModelInfo } from '../model/model.ts';
import { readFields, readOptionalCount, readOptionalString } from '../rpc/params.ts';
import type { Handlers } from '../rpc/request-boundary.ts';
import { PROVIDER } from './thread-views.ts';

const EFFORTS = [
  { reasoningEffort: 'low', description: 'Answers at once' },
  { reasoningEffort: 'medium', description: 'The same answer' },
];

const modelView = ({ id, displayName, description }: ModelInfo, isDefault: boolean) => ({
  id,
  model: id,
  upgrade: null,
  upgradeInfo: null,
  availabilityNux: null,
  displayName,
  description,
  modelSpecialty: null,
  hidden: false,
  supportedReasoningEfforts: EFFORTS,
  defaultReasoningEffort: 'low',
  inputModalities: ['text', 'image'],
  supportsPersonality: false,
  multiAgentVersion: null,
  additionalSpeedTiers: [],
  serviceTiers: [],
  defaultServiceTier: null,
  availableAccessPrograms: null,
  isDefault,
});

/** The settings that the protocol requires by name; this server has a notion of the first alone. */
const configView = (model: string) => ({
  model,
  model_provider: PROVIDER,
  approval_policy: 'never',
  sandbox_mode: 'read-only',
  ...Object.fromEntries(
    [
      ...['review_model', 'model_context_window', 'model_auto_compact_token_limit', 'approvals_reviewer'],
      ...['model_auto_compact_token_limit_scope', 'sandbox_workspace_write', 'forced_chatgpt_workspace_id'],
      ...['forced_login_method', 'web_search', 'client_search_provider', 'tools', 'instructions'],
      ...['developer_instructions', 'compact_prompt', 'model_reasoning_effort', 'model_reasoning_summary'],
      ...['model_verbosity', 'service_tier', 'analytics', 'apps', 'browser_use', 'computer_use', 'desktop'],
    ].map((name) => [name, null]),
  ),
});

/** What models there are; the first is the default. */
export const createCatalogHandlers = (models: readonly [ModelInfo, ...ModelInfo[]]): Handlers => ({
  'model/list'(params) {
    const fields = readFields(params);
    const limit = readOptionalCount(fields, 'limit') ?? models.length;
    const cursor = readOptionalString(fields, 'cursor');
    const from = cursor === undefined ? 0 : models.findIndex(({ id }) => id === cursor) + 1;
    const found = models.slice(from, from + limit);
    const nextCursor = from + limit < models.length ? (found.at(-1)?.id ?? null) : null;
    return { data: found.map((model) => modelView(model, model === models[0])), nextCursor };
  },
  'config/read'(params) {
    const { includeLayers } = readFields(params);
    return { config: configView(models[0].id), origins: {}, layers: includeLayers === true ? [] : null };
  },
});
