import { withDirectTools } from '../../../src/backend/app-server/model-catalog.ts';

const model = {
  slug: 'gpt',
  tool_mode: 'code_mode_only',
  apply_patch_tool_type: 'freeform',
  multi_agent_version: 'v2',
};
const catalog = JSON.stringify({ models: [model, { slug: 'plain' }], etag: 'x' });

test('a catalogue has its models in direct tool mode, and is otherwise the same', () => {
  expect(JSON.parse(withDirectTools(catalog, { ownTools: true }))).toEqual({
    models: [
      { slug: 'gpt', apply_patch_tool_type: 'freeform', multi_agent_version: 'v2' },
      { slug: 'plain' },
    ],
    etag: 'x',
  });
});

test('one without tools of Codex lacks those that the catalogue decides, too', () => {
  expect(JSON.parse(withDirectTools(catalog, { ownTools: false }))).toEqual({
    models: [{ slug: 'gpt' }, { slug: 'plain' }],
    etag: 'x',
  });
});

test.each(['{}', '[]', '{"models":{}}', '{"models":["gpt"]}', 'no JSON'])('%j is no catalogue', (text) => {
  expect(() => withDirectTools(text, { ownTools: true })).toThrow();
});
