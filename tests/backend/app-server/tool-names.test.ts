import { clientNames, toAppServerName } from '../../../src/backend/app-server/tool-names.ts';

test.each(['get_weather', 'search', 'wait', 'mcp_like', 'client_search'])('%s keeps its name', (name) => {
  expect(toAppServerName(name)).toBe(name);
});

test.each(['exec_command', 'view_image', 'update_plan', 'mcp', 'mcp__files__read'])(
  '%s means something to Codex, so that the client’s tool gets another name there',
  (name) => {
    expect(toAppServerName(name)).toBe(`client_${name}`);
    const names = clientNames([{ name, description: '', parameters: {} }]);
    expect(names.get(`client_${name}`)).toBe(name);
  },
);

test('a client that has tools of the changed name, too, gets each of its calls back as its own', () => {
  const own = ['exec_command', 'client_exec_command', 'client_client_exec_command'];
  const names = clientNames(own.map((name) => ({ name, description: '', parameters: {} })));
  expect([...names.values()]).toEqual(own);
  expect(own.map((name) => names.get(toAppServerName(name)))).toEqual(own);
});
