import { parseWithExactSchemas } from '../../src/http/exact-schemas.ts';
import { chatCallOf, responsesCallOf } from '../support/calls.ts';
import { builtIn } from '../support/sanitizer.ts';

const BIG = '9007199254740993';
const NEGATIVE = '-12345678901234567890';
const SCHEMA = `{"type":"object","properties":{"a":{"minimum":${NEGATIVE},"enum":[1,1.5,${BIG}]}}}`;
const FUNCTION = `{"name":"f","parameters":${SCHEMA}}`;

const parsed = (text: string) => parseWithExactSchemas(text) as Record<string, unknown>;

test('numbers of any length in the schemas of tools and answers are written as they were read', () => {
  const body = parsed(
    `{"tools":[{"type":"function","function":${FUNCTION}}],` +
      `"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":${SCHEMA}}}}`,
  );
  const { turn } = chatCallOf(body);
  expect(JSON.stringify(turn.tools[0]?.parameters)).toBe(SCHEMA);
  expect(JSON.stringify(turn.outputSchema)).toBe(SCHEMA);
  expect(JSON.stringify(turn.format)).toContain(SCHEMA);
});

test('the same in the Responses API, for tools that items bring along as well', () => {
  const tool = `{"type":"function",${FUNCTION.slice(1)}`;
  const { turn } = responsesCallOf(
    parsed(
      `{"tools":[${tool}],"text":{"format":{"type":"json_schema","name":"n","schema":${SCHEMA}}},` +
        `"input":[{"role":"user","content":"hi"},{"type":"additional_tools","tools":[${tool.replace('"f"', '"g"')}]}]}`,
    ),
  );
  expect(turn.tools.map(({ parameters }) => JSON.stringify(parameters))).toEqual([SCHEMA, SCHEMA]);
  expect(JSON.stringify(turn.outputSchema)).toBe(SCHEMA);
});

test('everywhere else a number is a number, and a text with many digits is a text', () => {
  expect(parsed(`{"seed":${BIG},"user":"${BIG}"}`)).toEqual({ seed: 9007199254740992, user: BIG });
});

test('what telemetry shows of such a number is its digits', () => {
  const body = parsed(`{"tools":[${SCHEMA}]}`);
  expect(JSON.stringify(builtIn.sanitizeJson(body))).toContain(`"minimum":"${NEGATIVE}"`);
});

test('what is no object is parsed as ever', () => {
  expect(parseWithExactSchemas(BIG)).toBe(9007199254740992);
  expect(() => parseWithExactSchemas('{')).toThrow(SyntaxError);
});
