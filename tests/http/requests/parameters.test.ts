import { CHAT_PARAMETERS } from '../../../src/http/requests/chat-parameters.ts';
import { COMPLETIONS_PARAMETERS } from '../../../src/http/requests/completions-parameters.ts';
import type { ParameterTable } from '../../../src/http/requests/parameters.ts';
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

const namesOf = (table: ParameterTable, support: string): string[] =>
  Object.entries(table).flatMap(([name, row]) => (row.support === support ? [name] : []));

describe.each(APIS)('the parameters of the $api API', ({ table, callOf, type: [file, name] }) => {
  it('are all that the official client knows, and no others', async () => {
    expect(Object.keys(table).sort()).toEqual((await fieldsOfSdkType(file, name)).sort());
  });

  it.each(namesOf(table, 'ignored'))('%s is ignored and named, and refused in strict mode', (param) => {
    const body = { [param]: 'something' };
    expect(callOf(body).ignored).toEqual([param]);
    expect(refusalOf(() => callOf(body, true))).toMatchObject({ code: 'unsupported_parameter', param });
  });

  it.each(namesOf(table, 'refused'))('%s is refused by name, unless it asks for nothing', (param) => {
    const asked = refusalOf(() => callOf({ [param]: 'something' }));
    expect(asked).toMatchObject({ code: 'unsupported_parameter', status: 400, param });
    expect(callOf({ [param]: null }).ignored).toEqual([]);
  });

  it('are accepted where the table has no row: clients add some', () => {
    expect(callOf({ something_new: { a: 1 } }, true).ignored).toEqual([]);
  });
});

test('what asks for nothing is not named as ignored', () => {
  const idle = { parallel_tool_calls: true, service_tier: 'auto', metadata: {}, temperature: null };
  expect(chatCallOf(idle, true).ignored).toEqual([]);
});
