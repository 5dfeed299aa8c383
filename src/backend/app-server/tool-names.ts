import type { Tool } from '../../gateway/turn.ts';

/**
 * Names of Codex's own tools, as far as they are functions. Codex accepts a dynamic tool of such a name, leaves it out without a
 * word, and runs its own one when the model calls it. Which of them it has depends on its model and its configuration.
 */
const OWN_NAMES: ReadonlySet<string> = new Set([
  'apply_patch',
  'create_goal',
  'exec_command',
  'get_goal',
  'list_mcp_resource_templates',
  'list_mcp_resources',
  'local_shell',
  'read_mcp_resource',
  'request_permissions',
  'request_user_input',
  'request_user_input_async',
  'shell',
  'shell_command',
  'tool_search',
  'update_goal',
  'update_plan',
  'view_image',
  'write_stdin',
]);

/** Codex refuses these; the double underscore is how it names the tools of MCP servers. */
const RESERVED = /^mcp(?:$|__)/;

/** A name that was changed already, or looks like it, is changed once more: no two names become one. */
const CHANGED = /^(?:client_)+/;

/**
 * The name under which the app-server knows a client's tool: its own name, but for those that mean something to Codex. It
 * depends on nothing but the name, so that the call and its result, in two requests to two gateways, have the same.
 */
export const toAppServerName = (name: string): string => {
  const bare = name.replace(CHANGED, '');
  return OWN_NAMES.has(bare) || RESERVED.test(bare) ? `client_${name}` : name;
};

/** The client's names of its tools, by the names that the app-server knows. */
export const clientNames = (tools: readonly Tool[]): ReadonlyMap<string, string> =>
  new Map(tools.map(({ name }) => [toAppServerName(name), name]));
