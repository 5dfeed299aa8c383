import { readRoutes } from '../../../src/config/routes/read-routes.ts';

const ENV = { NEXT_KEY: 'sk-next' };

const routesOf = (text: string) => {
  const read = readRoutes(text, 'routes.yaml', ENV);
  if (read.type === 'wrong') throw new Error(read.lines.join('\n'));
  return read.routes;
};

const linesOf = (text: string): readonly string[] => {
  const read = readRoutes(text, 'routes.yaml', ENV);
  return read.type === 'wrong' ? read.lines : [];
};

const CONTRACT = `backends:
  codex: { kind: app-server }
  next:  { kind: http, url: "http://127.0.0.1:9001/v1", key_env: NEXT_KEY, auth: own, trust: true,
           apis: [chat, completions, responses, embeddings], usage: ask, passthrough: false, metadata: false,
           timeouts: { connect_ms: 5000, first_byte_ms: 300000, idle_ms: 300000 }, headers: { X-Team: core } }
models:
  - { match: "gpt-*", backend: next, fallback: [codex] }
  - { match: fast, backend: next, model: llama3.2 }
  - { match: mixed, backends: [ { backend: next, weight: 9 }, { backend: codex, weight: 1 } ] }
`;

test('every key of the contract is read', () => {
  expect(routesOf(CONTRACT)).toEqual({
    backends: [
      { kind: 'app-server', name: 'codex' },
      {
        kind: 'http',
        name: 'next',
        url: 'http://127.0.0.1:9001/v1',
        keyEnv: 'NEXT_KEY',
        key: 'sk-next',
        auth: 'own',
        trust: true,
        apis: ['chat', 'completions', 'responses', 'embeddings'],
        usage: 'ask',
        passthrough: false,
        metadata: false,
        timeouts: { connectMs: 5_000, firstByteMs: 300_000, idleMs: 300_000 },
        headers: { 'x-team': 'core' },
      },
    ],
    rules: [
      {
        match: 'gpt-*',
        backends: [{ backend: 'next', weight: 1 }],
        model: null,
        fallback: [{ backend: 'codex', model: null }],
      },
      { match: 'fast', backends: [{ backend: 'next', weight: 1 }], model: 'llama3.2', fallback: [] },
      {
        match: 'mixed',
        backends: [
          { backend: 'next', weight: 9 },
          { backend: 'codex', weight: 1 },
        ],
        model: null,
        fallback: [],
      },
    ],
  });
});

test('a backend with its kind and URL alone has the defaults, and the times of the environment', () => {
  const read = readRoutes('backends: { a: { kind: http, url: "https://m.example/v1" } }', 'f', {
    PROXY_CONNECT_TIMEOUT_MS: '1',
    PROXY_FIRST_BYTE_TIMEOUT_MS: '2',
    PROXY_IDLE_TIMEOUT_MS: '3',
  });
  expect(read).toMatchObject({
    type: 'routes',
    routes: {
      backends: [
        {
          key: null,
          auth: 'own',
          trust: false,
          apis: ['chat', 'completions', 'responses', 'embeddings', 'moderations'],
          usage: 'ask',
          passthrough: false,
          metadata: false,
          timeouts: { connectMs: 1, firstByteMs: 2, idleMs: 3 },
          headers: {},
        },
      ],
      rules: [],
    },
  });
});

test('anchors may be used', () => {
  const text = `backends:
  a: { kind: http, url: &url "http://127.0.0.1:1/v1" }
  b: { kind: http, url: *url }`;
  expect(routesOf(text).backends).toMatchObject([{ name: 'a' }, { url: 'http://127.0.0.1:1/v1' }]);
});

test.each([
  ['', 'routes.yaml:1:1: must be a map of backends and models'],
  ['- 1', 'routes.yaml:1:1: must be a map of backends and models'],
  ['models: []', 'routes.yaml:1:1: backends is missing: it must be a map of names to backends'],
  ['backends: {}', 'routes.yaml:1:11: backends must have one at least'],
  ['backends: []', 'routes.yaml:1:11: backends must be a map of names to backends'],
  [
    'backend: {}\nbackends: {a: {kind: app-server}}',
    'routes.yaml:1:1: "backend" is not known here; did you mean backends?',
  ],
  ['backends:\n  a: 1', 'routes.yaml:2:6: a must be a map, such as { kind: app-server }'],
  ['backends:\n  a: {}', 'routes.yaml:2:3: kind is missing: it must be app-server or http'],
  ['backends:\n  a: { kind: htpp }', 'routes.yaml:2:14: kind must be app-server or http; did you mean http?'],
  [
    'backends:\n  a: { kind: app-server, url: x }',
    'routes.yaml:2:26: "url" is not known here; known are kind',
  ],
  ['backends:\n  a: { kind: http }', 'routes.yaml:2:3: url is missing: it must be a URL; put it in quotes'],
  ['backends:\n  "a b": { kind: app-server }', 'routes.yaml:2:3: the name of a backend is 1 to 64 of'],
  [
    'backends:\n  a: { kind: app-server }\n  b: { kind: app-server }',
    'routes.yaml:3:3: only one backend can be',
  ],
  [
    'backends:\n  a: { kind: app-server }\n  a: { kind: app-server }',
    'routes.yaml:3:3: "a" stands here a second time',
  ],
  ['backends: { a: { kind: app-server }', 'routes.yaml:1:36: '],
  ['backends: *nothing', 'routes.yaml:1:11: '],
  ['backends: { a: !secret { kind: app-server } }', 'routes.yaml:1:16: '],
  ['a: 1\n---\nb: 2', 'routes.yaml:'],
])('%j is refused with its place', (text, line) => {
  expect(linesOf(text)).toEqual([expect.stringContaining(line)]);
});

const withRule = (rule: string): string => `backends:\n  codex: { kind: app-server }\nmodels:\n  - ${rule}\n`;

test.each([
  ['{ match: a, backend: kodex }', '4:26: there is no backend "kodex"; did you mean codex?'],
  ['{ match: a, backend: other }', '4:26: there is no backend "other"; there are codex'],
  ['{ match: a, backend: codex, fallback: [{ backend: b }] }', '4:44: there is no backend "b"'],
  [
    '{ match: a, backend: codex, fallback: [7] }',
    '4:44: must be the name of a backend, or a map, such as { backend: codex, model: gpt-5.5 }',
  ],
  ['{ match: a, backend: codex, fallback: [codex, b] }', '4:51: there is no backend "b"'],
  ['{ match: a, backends: [{ backend: b, weight: 1 }] }', '4:39: there is no backend "b"'],
  ['{ match: a }', '4:5: needs either backend or backends'],
  [
    '{ match: a, backend: codex, backends: [{ backend: codex, weight: 1 }] }',
    '4:5: needs either backend or backends',
  ],
  ['{ match: a, backends: [] }', '4:27: backends must name a backend'],
  ['{ match: a, backends: [{ backend: codex, weight: 0 }] }', '4:54: weight must be a whole number from 1'],
  ['{ match: a, backends: [{ backend: codex, weight: 1.5 }] }', '4:54: weight must be a whole number from 1'],
  ['{ match: a, backends: [{ backend: codex }] }', '4:28: weight is missing'],
  ['{ match: a, backends: [{ backend: codex, weight: 1, wait: 1 }] }', '4:57: "wait" is not known here'],
  ['{ match: "", backend: codex }', '4:14: match must be a text of 1 to 256 characters'],
  ['{ match: 5, backend: codex }', '4:14: match must be a text of 1 to 256 characters; put it in quotes'],
  [
    '{ match: a, backend: codex, fallbacks: [] }',
    '4:33: "fallbacks" is not known here; did you mean fallback?',
  ],
  ['codex', '4:5: must be a map, such as { match: "gpt-*", backend: next }'],
  [
    '{ match: a, backend: codex }\n  - { match: a, backend: codex }',
    '5:14: match "a" stands here a second time',
  ],
])('the rule %s is refused', (rule, line) => {
  expect(linesOf(withRule(rule))).toEqual([expect.stringContaining(`routes.yaml:${line}`)]);
});

test('several mistakes are all told, in the order of the file', () => {
  const text = `backends:
  a: { kind: http, url: "ftp://x", key: sk-secret, trust: 1 }
  b: { kind: app-server }
models:
  - { match: x, backend: c }
  - { match: x, backend: b, weight: 1 }
`;
  expect(linesOf(text).map((line) => line.split(':').slice(1, 3).join(':'))).toEqual([
    '2:25',
    '2:36',
    '2:59',
    '5:26',
    '6:29',
  ]);
});

test('of very many mistakes the first ones are told, and how many there are more', () => {
  const rules = Array.from({ length: 50 }, () => '  - 1').join('\n');
  const lines = linesOf(`backends: { a: { kind: app-server } }\nmodels:\n${rules}\n`);
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([
    21,
    expect.stringContaining('routes.yaml:3:5:'),
    'routes.yaml: 30 more problems',
  ]);
});

test('there is a bound for backends and for rules', () => {
  const backends = Array.from(
    { length: 101 },
    (_, at) => `  b${at}: { kind: http, url: "http://127.0.0.1:1/v1" }`,
  );
  expect(linesOf(`backends:\n${backends.join('\n')}`)).toEqual([
    expect.stringContaining('backends has more than 100'),
  ]);
  const rules = Array.from({ length: 10_001 }, (_, at) => `- {match: m${at}, backend: a}`);
  const text = `backends: {a: {kind: app-server}}\nmodels:\n${rules.join('\n')}`;
  expect(linesOf(text)).toEqual(['routes.yaml:10003:3: there are more than 10000 rules']);
});

test('anchors within anchors, and very deep files, are refused', () => {
  const levels = Array.from(
    { length: 8 },
    (_, at) => `a${at}: &a${at} [${at > 0 ? `*a${at - 1}, `.repeat(9) : 'x'}]`,
  );
  expect(linesOf(levels.join('\n'))).toEqual(['routes.yaml:1:1: it uses anchors too often']);
  expect(linesOf('['.repeat(100_000))).toEqual([expect.stringContaining(': it is nested too deeply')]);
});

test('names that objects have of themselves are names like others', () => {
  expect(routesOf('backends: { constructor: { kind: app-server } }').backends).toEqual([
    { kind: 'app-server', name: 'constructor' },
  ]);
  expect(linesOf('backends: { __proto__: { kind: app-server } }')).toEqual([
    expect.stringContaining('the name of a backend'),
  ]);
  expect(linesOf(withRule('{ match: a, backend: toString }'))).toHaveLength(1);
});
