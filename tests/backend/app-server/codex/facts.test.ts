import { findAddedTools, findProgram } from '../../../../src/backend/app-server/codex/facts.ts';
import { createFakeWorker } from '../../../support/fake-worker.ts';

const findWith = (answers: Record<string, object>) => {
  const given = Object.fromEntries(
    Object.entries(answers).map(([method, answer]) => [method, () => [answer]]),
  );
  return findAddedTools(createFakeWorker(given).worker.rpc, '/work');
};

test('the tools that a configuration adds are found by name', async () => {
  const found = await findWith({
    'config/read': { result: { config: { mcp_servers: { files: { command: 'x' }, 'a.b': {} } } } },
    'skills/list': {
      result: {
        data: [{ cwd: '/work', skills: [{ name: 'deploy' }, { name: 'deploy' }, { name: 'imagegen' }] }],
      },
    },
  });
  expect(found).toEqual({ mcpServers: ['files', 'a.b'], skills: ['deploy', 'imagegen'] });
});

test('a backend that does not know the question has none of them', async () => {
  const unknown = { error: { code: -32601, message: 'unknown method' } };
  expect(await findWith({ 'config/read': unknown, 'skills/list': unknown })).toEqual({
    mcpServers: [],
    skills: [],
  });
});

test('a backend that refuses the question for another reason fails: its tools may be there', async () => {
  const broken = { error: { code: -32603, message: 'a skill folder cannot be read' } };
  const read = { result: { config: {} } };
  await expect(findWith({ 'config/read': broken })).rejects.toThrow('a skill folder cannot be read');
  await expect(findWith({ 'config/read': read, 'skills/list': broken })).rejects.toThrow('a skill folder');
});

test('an answer that nobody can read is an error: what is not known cannot be closed', async () => {
  await expect(findWith({ 'config/read': { result: { config: { mcp_servers: 'all' } } } })).rejects.toThrow(
    'config/read',
  );
});

test('a process that is no Codex has no program of Codex', async () => {
  expect(await findProgram(process.pid)).toBeNull();
  expect(await findProgram(undefined)).toBeNull();
});
