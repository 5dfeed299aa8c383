import type { ThreadStartParams, TurnStartParams } from '../../../app-server-protocol/index.ts';
import type { CodexFacts } from './facts.ts';
import { filesystemRules, type HiddenPath } from './filesystem.ts';

/** What a client's turns may do with Codex's own tools, and what none of its commands may read. */
export interface CodexRules {
  /** `off`: it has none. `read-only`: a shell in a sandbox that reads little, writes nothing and has no network. */
  readonly tools: 'off' | 'read-only';
  readonly hidden: readonly HiddenPath[];
}

/** The parts of `thread/start` and `turn/start` that say what the turn may do. */
export interface TurnRules {
  readonly thread: Pick<
    ThreadStartParams,
    'cwd' | 'sandbox' | 'environments' | 'developerInstructions' | 'config'
  >;
  readonly turn: Pick<TurnStartParams, 'permissions'>;
}

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

const closeTools = ({ mcpServers, skills }: CodexFacts): Omit<TurnRules['thread'], 'cwd' | 'sandbox'> => ({
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

/** The profile that a turn then names. */
const closeReading = ({ hidden }: CodexRules, { program }: CodexFacts, cwd: string) => ({
  config: {
    ...ALWAYS,
    permissions: { [PROFILE]: { filesystem: filesystemRules(program, hidden, cwd) } },
  },
});

/** What a turn in `cwd` may do. Without rules the backend is none that runs anything. */
export const turnRules = (rules: CodexRules | null, facts: CodexFacts, cwd: string): TurnRules => {
  const thread = { cwd, sandbox: 'read-only' } as const;
  if (rules === null) return { thread, turn: {} };
  if (rules.tools === 'off') return { thread: { ...thread, ...closeTools(facts) }, turn: {} };
  // Not the thread: it would look for skills inside the sandbox once more, which takes longer than all else.
  return { thread: { ...thread, ...closeReading(rules, facts, cwd) }, turn: { permissions: PROFILE } };
};
