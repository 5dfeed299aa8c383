import { noRoute } from '../../src/http/likely-path.ts';

test.each([
  ['/chat/completions', '/v1/chat/completions'],
  ['/completions', '/v1/completions'],
  ['/responses', '/v1/responses'],
  ['/models', '/v1/models'],
  ['/models/gpt-5', '/v1/models/{id}'],
  ['/v1/chat/completions/', '/v1/chat/completions'],
  ['/v1/v1/chat/completions', '/v1/chat/completions'],
  ['//v1//models', '/v1/models'],
  ['/V1/Chat/Completions', '/v1/chat/completions'],
  ['/v1/chat/completion', '/v1/chat/completions'],
  ['/api/v1/responses', '/v1/responses'],
  ['/openai/v1/models', '/v1/models'],
])('a request to %s is told of %s', (path, likely) => {
  expect(noRoute('POST', path)).toBe(`There is no POST ${path} here; did you mean ${likely}?`);
});

test.each(['/v1', '/v1/', '/v1/v1', '//'])('a request to %s is told what stands below /v1', (path) => {
  expect(noRoute('GET', path)).toMatch(/base URL ends in \/v1, .*\/v1\/chat\/completions, .*\/v1\/models\.$/);
});

test.each(['/v1/embeddings', '/v1/responses/resp_1', '/v1/responses/resp_1/cancel'])(
  'a request to %s, which the description has, is told that no backend takes it',
  (path) => {
    expect(noRoute('POST', path)).toBe(`No backend takes POST ${path}.`);
  },
);

test.each(['/favicon.ico', '/v1/files', '/admin', `/${'x'.repeat(5000)}`])(
  'a request to %s is like none, and is told where the routes are described',
  (path) => {
    expect(noRoute('GET', path)).toBe(`There is no GET ${path} here; /docs has the routes.`);
  },
);
