import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { APP_SERVER_SUPPORT } from '../../../src/backend/app-server/support.ts';
import type { ParameterSupport } from '../../../src/gateway/turn-support.ts';
import { CHAT_PARAMETERS } from '../../../src/http/requests/chat-parameters.ts';
import { COMPLETIONS_PARAMETERS } from '../../../src/http/requests/completions-parameters.ts';
import type { ParameterTypes } from '../../../src/http/requests/parameters.ts';
import { RESPONSES_PARAMETERS } from '../../../src/http/requests/responses-parameters.ts';
import { chatCallOf, completionsCallOf, responsesCallOf } from '../../support/calls.ts';
import { fieldsOfSdkType } from '../../support/sdk-parameters.ts';
import { refusalOf } from '../../support/thrown.ts';

const APIS = [
  {
    api: 'chat',
    table: CHAT_PARAMETERS,
    callOf: chatCallOf,
    type: ['chat/completions/completions.d.ts', 'ChatCompletionCreateParamsBase'],
  },
  {
    api: 'completions',
    table: COMPLETIONS_PARAMETERS,
    callOf: completionsCallOf,
    type: ['completions.d.ts', 'CompletionCreateParamsBase'],
  },
  {
    api: 'responses',
    table: RESPONSES_PARAMETERS,
    callOf: responsesCallOf,
    type: ['responses/responses.d.ts', 'ResponseCreateParamsBase'],
  },
] as const;

interface WithoutEffect {
  readonly schema: z.ZodType;
  readonly idle: readonly unknown[];
}

const rowsOf = (
  api: (typeof APIS)[number]['api'],
  types: ParameterTypes,
  support: ParameterSupport['support'],
): [string, WithoutEffect][] =>
  Object.entries(APP_SERVER_SUPPORT.parameters[api]).flatMap(([name, row]) => {
    const schema = types[name];
    return schema && row.support === support ? [[name, { schema, idle: row.idle ?? [] }]] : [];
  });

/** A value of each kind that JSON has, and of each that the API's objects have. */
const VALUES = ['something', 7, true, ['something'], [{ name: 'n', type: 't' }], { name: 'n', id: 'i' }];
const fits = ({ schema }: WithoutEffect, value: unknown): boolean => schema.safeParse(value).success;
/** Values within the narrowest ranges and closed lists. */
const NARROW = [false, { a: 7 }, 0.5, 2, 16, 'low', '24h', 'flex', ['text', 'audio']];
const MORE_NARROW = [{ type: 'content' }, ['reasoning.encrypted_content'], [{ compact_threshold: 1000 }]];
/** One that asks for something. */
const askOf = (row: WithoutEffect): unknown =>
  [...VALUES, ...NARROW, ...MORE_NARROW, 'auto'].find(
    (value) => fits(row, value) && !row.idle.some((idle) => isDeepStrictEqual(idle, value)),
  );
const kindOf = (value: unknown): string =>
  Array.isArray(value) ? `list of ${typeof value[0]}` : typeof value;
/** Values of another kind than any that fits: one of the same kind may only be out of range. */
const wrongFor = (row: WithoutEffect): unknown[] => {
  const fitting = new Set(
    [...VALUES, ...NARROW, ...MORE_NARROW, ...row.idle].filter((value) => fits(row, value)).map(kindOf),
  );
  return VALUES.filter((value) => !fits(row, value) && !fitting.has(kindOf(value)));
};

describe.each(APIS)('the parameters of the $api API', ({ api, table, callOf, type: [file, name] }) => {
  const withoutEffect = [...rowsOf(api, table, 'ignored'), ...rowsOf(api, table, 'refused')];

  it('are all that the official client knows, and no others', async () => {
    expect(Object.keys(table).sort()).toEqual((await fieldsOfSdkType(file, name)).sort());
  });

  it.each(rowsOf(api, table, 'ignored'))(
    '%s is ignored and named, and refused in strict mode',
    (param, row) => {
      const body = { [param]: askOf(row) };
      expect(body[param]).toBeDefined();
      expect(callOf(body).ignored).toEqual([param]);
      expect(refusalOf(() => callOf(body, true))).toMatchObject({ code: 'unsupported_parameter', param });
    },
  );

  it.each(rowsOf(api, table, 'refused'))('%s is refused by name', (param, row) => {
    const asked = refusalOf(() => callOf({ [param]: askOf(row) }));
    expect(asked).toMatchObject({ code: 'unsupported_parameter', status: 400, param });
  });

  it.each(withoutEffect)('%s is not named, and never refused, where it asks for nothing', (param, row) => {
    for (const value of [null, ...row.idle]) {
      expect([value, callOf({ [param]: value }, true).ignored]).toEqual([value, []]);
    }
  });

  it.each(withoutEffect)('%s of a wrong type is refused with its path', (param, row) => {
    const wrong = wrongFor(row);
    expect(wrong.length).toBeGreaterThan(2);
    for (const value of wrong) {
      const refusal = refusalOf(() => callOf({ [param]: value }));
      expect(refusal.code).toMatch(/^(?:invalid_type|missing_required_parameter)$/);
      expect(refusal.param).toMatch(new RegExp(`^${param}\\b`));
    }
  });

  it('that would change the answer are refused before those without effect, whichever comes first', () => {
    const rows = [...rowsOf(api, table, 'ignored').slice(0, 1), ...rowsOf(api, table, 'refused').slice(-1)];
    const body = Object.fromEntries(rows.map(([param, row]) => [param, askOf(row)]));
    expect(refusalOf(() => callOf(body, true))).toMatchObject({ param: rows[1]?.[0] });
  });

  it('are accepted and named where the table has no row, in strict mode too: clients add some', () => {
    const body = { something_new: { a: 1 }, nothing_new: null };
    const call = { ignored: [], unknown: { names: ['something_new'], count: 1 } };
    expect(callOf(body)).toMatchObject(call);
    expect(callOf(body, true)).toMatchObject(call);
  });

  it('have names that are cleaned before characters are replaced, and before they are cut', () => {
    const word = 'Q7zXkVbN3mPw8RtYs';
    const secrets = { [`password=${word}`]: 1, [`${'x'.repeat(45)} sk-proj-${word}${word}`]: 1 };
    const { names } = callOf(secrets).unknown;
    expect(names.join()).not.toMatch(/Q7zX|password\?Q/);
    expect(names.join()).toContain('REDACTED');
  });

  it('have names that a header can carry, however many and whatever a client calls its own', () => {
    const strange = { 'a, b\r\nset-cookie: c': 1, ä: 1, ['x'.repeat(500)]: 1 };
    expect(callOf(strange).unknown.names).toEqual(['a??b??set-cookie??c', '?', 'x'.repeat(64)]);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field_${index}`, 1]));
    const { names, count } = callOf(many).unknown;
    expect([...names.slice(19), count]).toEqual(['field_19', 'unknown fields (480 more)', 500]);
  });
});
