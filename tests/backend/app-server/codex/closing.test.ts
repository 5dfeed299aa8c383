import { turnRules } from '../../../../src/backend/app-server/codex/closing.ts';
import { NO_FACTS } from '../../../../src/backend/app-server/codex/facts.ts';

const HIDDEN = [{ path: '/etc/codex' }];
const FACTS = { program: '/opt/codex/bin/codex', mcpServers: ['files'], skills: ['deploy'] };

test('a backend that runs nothing gets its working directory and the sandbox', () => {
  const thread = { cwd: '/work', sandbox: 'read-only' };
  expect(turnRules(null, NO_FACTS, '/work')).toEqual({ thread, turn: {} });
});

test.each(['off', 'read-only'] as const)(
  'with tools %s, commands have the usual environment and nothing works on after the request',
  (tools) => {
    const { cwd, config } = turnRules({ tools, hidden: HIDDEN }, FACTS, '/work').thread;
    expect(cwd).toBe('/work');
    expect(config).toMatchObject({
      'shell_environment_policy.inherit': 'core',
      project_doc_max_bytes: 0,
      project_root_markers: [],
      'features.goals': false,
      'features.multi_agent': false,
    });
  },
);

test('with tools off there is nowhere to run a command, what the configuration adds is closed, and the model is told', () => {
  const { thread, turn } = turnRules({ tools: 'off', hidden: HIDDEN }, FACTS, '/work');
  expect(thread).toMatchObject({
    sandbox: 'read-only',
    environments: [],
    developerInstructions: expect.stringContaining('no shell'),
    config: {
      'features.shell_tool': false,
      'features.view_image': false,
      web_search: 'disabled',
      mcp_servers: { files: { enabled: false } },
      skills: { config: [{ name: 'deploy', enabled: false }] },
    },
  });
  expect(turn).toEqual({});
});

test('with read-only tools the turn names a profile of permissions that the thread has in its configuration', () => {
  const { thread, turn } = turnRules({ tools: 'read-only', hidden: HIDDEN }, FACTS, '/work');
  expect(turn).toEqual({ permissions: 'throughline' });
  expect(thread).toMatchObject({
    sandbox: 'read-only',
    config: { permissions: { throughline: { filesystem: { ':minimal': 'read', '/etc/codex': 'none' } } } },
  });
  expect(thread.environments).toBeUndefined();
  expect(thread.developerInstructions).toBeUndefined();
});
