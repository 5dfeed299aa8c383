import { threadRules } from '../../../../src/backend/app-server/codex/closing.ts';
import { NO_FACTS } from '../../../../src/backend/app-server/codex/facts.ts';

const HIDDEN = [{ path: '/etc/codex' }];
const FACTS = { program: '/opt/codex/bin/codex', mcpServers: ['files'], skills: ['deploy'] };

test('a backend that runs nothing gets its working directory and the sandbox', () => {
  expect(threadRules(null, NO_FACTS, '/work')).toEqual({ cwd: '/work', sandbox: 'read-only' });
});

test.each(['off', 'read-only'] as const)(
  'with tools %s, commands have the usual environment and nothing works on after the request',
  (tools) => {
    const { cwd, config } = threadRules({ tools, hidden: HIDDEN }, FACTS, '/work');
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
  const rules = threadRules({ tools: 'off', hidden: HIDDEN }, FACTS, '/work');
  expect(rules).toMatchObject({
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
  expect(rules.permissions).toBeUndefined();
});

test('with read-only tools, a profile of permissions takes the place of the sandbox, which it cannot be combined with', () => {
  const rules = threadRules({ tools: 'read-only', hidden: HIDDEN }, FACTS, '/work');
  expect(rules).toMatchObject({
    permissions: 'throughline',
    config: { permissions: { throughline: { filesystem: { ':minimal': 'read', '/etc/codex': 'none' } } } },
  });
  expect(rules.sandbox).toBeUndefined();
  expect(rules.environments).toBeUndefined();
  expect(rules.developerInstructions).toBeUndefined();
});
