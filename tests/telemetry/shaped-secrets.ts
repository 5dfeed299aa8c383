import { FAKE_SECRETS, type FakeSecret, fakeText, token } from './sanitize-secrets.ts';

/** Secrets that were none, by what stands around them, and tokens of more services: each a family that is one pattern. */
const WORD = fakeText(24);
const HEX = fakeText(64, '0a1b2c3d4e5f60718293a4b5c6d7e8f9');
const SLACK_HOOK = ['T0123ABCD', 'B0123ABCD', WORD].join('/');

/** What the collector masks, too. */
export const SHAPED_SECRETS: readonly FakeSecret[] = [
  token('a Slack browser token', ['xox', 'c-'], 60),
  token('a Slack cookie', ['xox', 'd-'], 60),
  token('a Google refresh token', ['1/', '/0'], 60),
  token('a Vault token', ['hv', 's.'], 90),
  token('a DigitalOcean token', ['dop', '_v1_'], 64, HEX),
  token('a Databricks token', ['da', 'pi'], 32, HEX),
  token('a Shopify token', ['shp', 'at_'], 32, HEX),
  token('a Grafana token', ['gl', 'sa_'], 41),
  token('a Notion token', ['nt', 'n_'], 46),
  token('an older Notion token', ['secr', 'et_'], 43),
  token('an Atlassian token', ['ATA', 'TT3'], 180),
  token('a Bitbucket password', ['AT', 'BB'], 32),
  token('a Twilio key', ['S', 'K'], 32, HEX),
  token('a Linear key', ['lin', '_api_'], 40),
  token('a Postman key', ['PM', 'AK-'], 59),
  token('a Telegram token', ['12345678', '9:AA'], 33),
  token('a Discord token', ['MTA', fakeText(23), '.Gabc12.'], 38),
  {
    what: 'a Slack webhook',
    text: `https://hooks.slack.com/services/${SLACK_HOOK}`,
    secret: SLACK_HOOK,
  },
  {
    what: 'a Discord webhook',
    text: `https://discord.com/api/webhooks/123456789012345678/${WORD}${WORD}`,
    secret: `${WORD}${WORD}`,
  },
  { what: 'an XML element', text: `<password>${WORD}</password>`, secret: WORD },
  {
    what: 'an XML element with a prefix',
    text: `<db:Password xml:lang="en">${WORD}</db:Password>`,
    secret: WORD,
  },
  { what: 'an XML pair', text: `<add key="DbPassword" value="${WORD}" />`, secret: WORD },
  { what: 'pass in JSON', text: `{"user":"me","pass":"${WORD}"}`, secret: WORD },
  { what: 'passwd in JSON', text: `{"user":"me","passwd":"${WORD}"}`, secret: WORD },
  { what: 'a pair in JSON', text: `set {"name":"DB_PASSWORD","value":"${WORD}"}`, secret: WORD },
  { what: 'a pair in YAML', text: `env:\n  - name: DB_PASSWORD\n    value: ${WORD}\n`, secret: WORD },
  { what: 'a user of MySQL', text: `CREATE USER 'me'@'%' IDENTIFIED BY '${WORD}';`, secret: WORD },
  { what: 'a user of Postgres', text: `CREATE ROLE me WITH LOGIN PASSWORD '${WORD}';`, secret: WORD },
  { what: 'a verbatim text of C#', text: `var password = @"c:\\x""${WORD}""y";`, secret: WORD },
  { what: 'a text of several lines in Python', text: `password = """${WORD}\n${WORD}"""`, secret: WORD },
];

const PHRASE = ['correct', 'horse', 'battery', 'staple'].join(' ');
const SEED = 'legal winner thank wave sausage worth useful legal winner vacant bronze yellow';
const CARD = ['4111', '1111', '1111', '1111'];
const AWS_SECRET = fakeText(40);

/** What takes more than a pattern: a check of digits, a look at the words, or at the lines before. */
export const JUDGED_SECRETS: readonly FakeSecret[] = [
  { what: 'a passphrase', text: `passphrase: ${PHRASE}\n`, secret: PHRASE },
  { what: 'a password of several words', text: `password = ${PHRASE}\n`, secret: PHRASE },
  { what: 'a seed phrase', text: `Seed phrase: ${SEED}\n`, secret: SEED },
  { what: 'netrc in a line', text: `machine h.example login me password ${WORD}\n`, secret: WORD },
  { what: 'netrc in lines', text: `machine h.example\n  login me\n  password ${WORD}\n`, secret: WORD },
  { what: 'a password that is said', text: `The password is ${WORD}.`, secret: WORD },
  { what: 'a user of Oracle', text: `ALTER USER me IDENTIFIED BY ${WORD};`, secret: WORD },
  { what: 'a user of SQL Server', text: `SET PASSWORD FOR me = PASSWORD('${WORD}');`, secret: WORD },
  {
    what: 'a verbatim text of C# in escaped text',
    text: JSON.stringify(`var password = @"c:\\x""${WORD}""y";`),
    secret: WORD,
  },
  { what: 'an XML element in CDATA', text: `<secret><![CDATA[${WORD}]]></secret>`, secret: WORD },
  { what: 'an XML entry', text: `<entry key="password">${WORD}</entry>`, secret: WORD },
  {
    what: 'a pair in escaped JSON',
    text: JSON.stringify(JSON.stringify({ name: 'API_TOKEN', value: WORD })),
    secret: WORD,
  },
  {
    what: 'a CloudFormation parameter',
    text: `ParameterKey=DbPassword,ParameterValue=${WORD}`,
    secret: WORD,
  },
  {
    what: 'the CSV file of an AWS key',
    text: `Access key ID,Secret access key\r\nAK${'IA'}ABCDEFGHJKLMNPQR,${AWS_SECRET}\r\n`,
    secret: AWS_SECRET,
  },
  { what: 'the number of a card', text: `card ${CARD.join('')} ok`, secret: CARD.join('') },
  { what: 'the number of a card in groups', text: `card ${CARD.join(' ')} ok`, secret: CARD.join(' ') },
  {
    what: 'the number of an American Express card',
    text: 'card 3782-822463-10005 ok',
    secret: '3782-822463-10005',
  },
];

export const ALL_SECRETS: readonly FakeSecret[] = [...FAKE_SECRETS, ...SHAPED_SECRETS, ...JUDGED_SECRETS];
