import type { ThreadStartParams } from '../../../app-server-protocol/index.ts';
import type { CodexFacts } from './facts.ts';
import { filesystemRules, type HiddenPath } from './filesystem.ts';

/** What a client's turns may do with Codex's own tools, and what none of its commands may read. */
export interface CodexRules {
  /** `off`: it has none. `read-only`: a shell in a sandbox that reads little, writes nothing and has no network. */
  readonly tools: 'off' | 'read-only';
  readonly hidden: readonly HiddenPath[];
}

/** The part of `thread/start` that says what the turn may do. */
export type ThreadRules = Pick<
  ThreadStartParams,
  'cwd' | 'sandbox' | 'permissions' | 'environments' | 'developerInstructions' | 'config'
>;

const PROFILE = 'throughline';

/**
 * For every thread of a Codex: its commands get no environment but the usual one, no document of a folder above the working directory
 * reaches the model, and nothing works on once the request is over. Sub-agents and goals would, and nobody would count their tokens.
 */
const ALWAYS = {
  'shell_environment_policy.inherit': 'core',
  project_doc_max_bytes: 0,
  project_root_markers: [],
  'features.goals': false,
  'features.multi_agent': false,
  // Models of the catalogue have sub-agents whatever the feature says; these bounds hold for them, too.
  'features.multi_agent_v2': { enabled: false, max_concurrent_threads_per_session: 1 },
  'agents.max_depth': 0,
};

const NO_TOOLS = {
  'features.shell_tool': false,
  'features.view_image': false,
  'features.image_generation': false,
  'features.apps': false,
  'features.plugins': false,
  'features.tool_suggest': false,
  'features.sleep_tool': false,
  'tools.experimental_request_user_input.enabled': false,
  web_search: 'disabled',
  // It would tell the model that it may read files.
  include_permissions_instructions: false,
};

const TOLD_NO_TOOLS =
  'You have no tools of your own here: no shell, no files, no images from a disk, no web search. Whatever your other ' +
  'instructions say of a terminal, a workspace or a sandbox does not hold. You can answer, and call the tools that the ' +
  'user’s program offers, if there are any. Do not claim to have run a command or read a file.';

const closeTools = ({ mcpServers, skills }: CodexFacts): ThreadRules => ({
  sandbox: 'read-only',
  // Without one, what is left of its tools has nothing to work on: `apply_patch` would still tell what stands in a file.
  environments: [],
  developerInstructions: TOLD_NO_TOOLS,
  config: {
    ...ALWAYS,
    ...NO_TOOLS,
    mcp_servers: Object.fromEntries(mcpServers.map((name) => [name, { enabled: false }])),
    // A client that writes `$name` would get the text of that skill.
    skills: { include_instructions: false, config: skills.map((name) => ({ name, enabled: false })) },
  },
});

/** A turn's own `sandboxPolicy` would undo this, so there must be none. */
const closeReading = ({ hidden }: CodexRules, { program }: CodexFacts, cwd: string): ThreadRules => ({
  permissions: PROFILE,
  config: {
    ...ALWAYS,
    // For a Codex that does not know profiles of permissions.
    sandbox_mode: 'read-only',
    permissions: { [PROFILE]: { filesystem: filesystemRules(program, hidden, cwd) } },
  },
});

/** What a thread in `cwd` may do. Without rules the backend is none that runs anything. */
export const threadRules = (rules: CodexRules | null, facts: CodexFacts, cwd: string): ThreadRules => {
  if (rules === null) return { cwd, sandbox: 'read-only' };
  return { cwd, ...(rules.tools === 'off' ? closeTools(facts) : closeReading(rules, facts, cwd)) };
};
