import type { SentSpan, SentValues } from './send-span.ts';

const KEY = `sk-${'a1B2'.repeat(8)}`;

/** Texts that hold a secret each, by the names of the attributes that they are sent as. */
const TEXTS: Readonly<Record<string, string>> = {
  bearer: `it said Bearer ${KEY}`,
  aws: 'AWS said AKIAQ3EGHIJK4LMNOP56',
  stripe: `paid with sk_${'live'}_51HxYzAbCdEfGh`,
  google: `mapped with AIzaSyA${'b7'.repeat(16)}`,
  database: 'at postgres://admin:hunter2@db:5432/app',
  cache: 'at redis://:hunter2@cache',
  json: '{"user":"anna","password":"hun\\"hunter2"}',
  json_in_json: '{"body":"{\\"api_key\\":\\"hunter2\\"}"}',
  cut_off: '{"client_secret":"hunter2 and mor',
  query: 'GET /v1/models?page=2&api_key=hunter2&sort=name',
  'url.query': 'access_token=hunter2',
};

/** The same where it is no text: lists, maps, lists of maps. */
const NESTED: SentValues = {
  list: { arrayValue: { values: [{ stringValue: 'plain' }, { stringValue: TEXTS['bearer'] ?? '' }] } },
  map: { kvlistValue: { values: [{ key: 'password', value: { stringValue: 'hunter2' } }] } },
  maps: {
    arrayValue: {
      values: [{ kvlistValue: { values: [{ key: 'note', value: { stringValue: TEXTS['aws'] ?? '' } }] } }],
    },
  },
};

/** Masked by their names, whatever they hold. */
const NAMED: SentValues = {
  'http.request.header.authorization': 'Basic Zm9vOmJhcg==',
  db_password: 'hunter2',
  token: 'hunter2',
  'session.token': 'hunter2',
  'upload.secret': { bytesValue: Buffer.from('hunter2').toString('base64') },
  'pin.passwd': { intValue: 48151623 },
};

/** What must not be found anywhere, encoded or not. */
export const SECRETS = /sk-a1B2|hunter2|Zm9v|AKIAQ3|51HxYz|AIzaSy|aHVudGVyMg|48151623/;

/** A span that carries a secret wherever one fits, as no gateway would send it. */
export const hostileSpan = (traceId: string): SentSpan => ({
  traceId,
  spanId: traceId.slice(16),
  name: `call ${KEY}`,
  scope: `scope of ${KEY}`,
  traceState: `vendor=${KEY}`,
  status: { code: 2, message: `refused: Bearer ${KEY}` },
  attributes: {
    mark: traceId,
    note: `the key is ${KEY}, said the client`,
    'gen_ai.usage.output_tokens': { intValue: 12 },
    tags: { arrayValue: { values: [{ stringValue: 'one' }, { stringValue: 'two' }] } },
    // What has a phase counts in the metrics too, by its route.
    phase: 'http_ingress',
    route: `/v1/${KEY}`,
    ...TEXTS,
    ...NESTED,
    ...NAMED,
  },
  events: [{ name: `heard ${KEY}`, attributes: { ...TEXTS, ...NESTED, ...NAMED } }],
});
