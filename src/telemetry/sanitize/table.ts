import {
  createFlag,
  createLogin,
  createNamedValue,
  createPairValue,
  createQueryValue,
} from './assignment.ts';
import { createElement, createPassphrase, netrc, said, sql } from './phrases.ts';
import type { Rule, RuleRow } from './rule.ts';
import { HEX, SAMPLE, TOKENS } from './token-table.ts';
import {
  awsKey,
  basic,
  bearer,
  card,
  discord,
  isUrl,
  jwt,
  pem,
  telegram,
  userInfo,
  webhook,
} from './tokens.ts';

const url = (rule: Rule): Rule => {
  return (text, at, final) => {
    const found = isUrl(text, at, final);
    if (found === 'more') return 'more';
    return found ? rule(text, at, final) : 'none';
  };
};

const outsideUrl = (rule: Rule): Rule => {
  return (text, at, final) => {
    const found = text.charAt(at) === ':' && isUrl(text, at, final);
    if (found === 'more') return 'more';
    return found ? 'none' : rule(text, at, final);
  };
};

const fixed = (rule: Rule) => (): Rule => rule;
const separators = [':', '='];
const passwordWords = ['password', 'Password', 'PASSWORD', 'passphrase', 'Passphrase'];

/** All rules. Of two for one place the first is asked first. */
export const TABLE: readonly RuleRow[] = [
  ...TOKENS,
  {
    name: 'url',
    finds: 'user and password in a URL',
    at: [':/', ':\\'],
    rule: fixed(url(userInfo)),
    example: ['https://me:hunter2@host/x', 'https://REDACTED:REDACTED@host/x'],
    counterExample: 'ssh://git@host/x https://medium.com/@me',
  },
  {
    name: 'query',
    finds: 'signatures and keys in the query of a URL',
    at: ['='],
    isBehindName: true,
    rule: createQueryValue,
    example: ['/a?sig=abc&b=c', '/a?sig=REDACTED&b=c'],
    counterExample: '/a?key=value&sort=key',
  },
  {
    name: 'passphrase',
    finds: 'several words behind the word password or passphrase',
    at: separators,
    isBehindName: true,
    rule: (asked) => outsideUrl(createPassphrase(asked)),
    example: ['passphrase: correct horse battery staple\n', 'passphrase: [REDACTED]\n'],
    counterExample: 'Password: must be at least eight characters',
  },
  {
    name: 'named value',
    finds: 'what stands under a sensitive name: JSON, YAML, headers, code, shells, forms',
    at: separators,
    isBehindName: true,
    rule: (asked) => outsideUrl(createNamedValue(asked)),
    example: [
      '{"api_key": "abc", "n": 1} db_pass=hunter2',
      '{"api_key": "[REDACTED]", "n": 1} db_pass=[REDACTED]',
    ],
    counterExample: '{"token_type": "Bearer", "token": 5, "max_tokens": 500, "credentials": "include"}',
  },
  {
    name: 'pair',
    finds: 'a value beside its name: JSON, XML, YAML',
    at: separators,
    isBehindName: true,
    rule: (asked) => outsideUrl(createPairValue(asked)),
    example: ['<add key="DbPassword" value="abc"/>', '<add key="DbPassword" value="[REDACTED]"/>'],
    counterExample: '<add key="DbName" value="abc"/> - name: LOG_LEVEL\n  value: debug',
  },
  {
    name: 'login',
    finds: 'user and password on a command line',
    at: [':'],
    isBehindName: true,
    rule: (asked) => outsideUrl(createLogin(asked)),
    example: ['curl -u me:hunter2 http://h', 'curl -u me:[REDACTED] http://h'],
    counterExample: 'docker run -u 1000:1000 x; sort -u names',
  },
  {
    name: 'element',
    finds: 'the text of an XML element with a sensitive name',
    at: ['>'],
    isBehindName: true,
    rule: createElement,
    example: ['<password>hunter2</password>', '<password>[REDACTED]</password>'],
    counterExample: 'usage: login <user> <password> [-v] and <password></password>',
  },
  {
    name: 'flag',
    finds: 'a value behind a sensitive flag',
    at: [[/-/, /-/, /[A-Za-z]/]],
    rule: createFlag,
    example: ['mysql --password hunter2 -h x', 'mysql --password [REDACTED] -h x'],
    counterExample: 'x --token-limit 500 --password-file /run/secret',
  },
  {
    name: 'netrc',
    finds: 'the password of a machine in .netrc',
    at: ['password'],
    rule: fixed(netrc),
    example: ['machine h login me password hunter2', 'machine h login me password [REDACTED]'],
    counterExample: 'the login page has a password field',
  },
  {
    name: 'SQL',
    finds: 'the password of a user of a database',
    at: ['identified', 'IDENTIFIED', 'Identified', ...passwordWords.slice(0, 3)],
    isWord: true,
    rule: fixed(sql),
    example: ["CREATE USER u IDENTIFIED BY 'hunter2';", "CREATE USER u IDENTIFIED BY '[REDACTED]';"],
    counterExample: "each row is identified by 'id'",
  },
  {
    name: 'said',
    finds: 'a password that a sentence names',
    at: passwordWords,
    rule: fixed(said),
    example: ['The password is hunter2.', 'The password is [REDACTED]'],
    counterExample: 'The password is sha256-hashed, the passphrase is weak.',
  },
  {
    name: 'bearer',
    finds: 'what follows Bearer',
    at: ['bearer', 'Bearer', 'BEARER'],
    isWord: true,
    rule: fixed(bearer),
    example: ['Bearer abc123def', 'Bearer [REDACTED]'],
    counterExample: 'Bearer tokens, bearer token-based',
  },
  {
    name: 'basic',
    finds: 'user:password in base64 behind Basic',
    at: ['basic', 'Basic', 'BASIC'],
    isWord: true,
    rule: fixed(basic),
    example: ['Basic dXNlcjpwYXNz', 'Basic [REDACTED]'],
    counterExample: 'Basic authentication',
  },
  {
    name: 'private key',
    finds: 'a key in PEM armour',
    at: ['-----BEGIN'],
    rule: fixed(pem),
    example: [`-----BEGIN PRIVATE${' KEY-----'}\n${SAMPLE}\n-----END PRIVATE KEY-----`, '[REDACTED]'],
    counterExample: 'begins with -----BEGIN PRIVATE KEY-----, says the RFC',
  },
  {
    name: 'JSON web token',
    finds: 'two or three parts in base64, the first of which is a JSON object',
    at: ['eyJ'],
    isWord: true,
    rule: fixed(jwt),
    example: [`eyJ${SAMPLE}.eyJ${SAMPLE}.abc`, '[REDACTED]'],
    counterExample: 'eyJhbGci is base64',
  },
  {
    name: 'AWS key',
    finds: 'the id of an access key, with its secret where both stand in a CSV file',
    at: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    isWord: true,
    rule: fixed(awsKey),
    example: [
      `id,secret\nAK${'IA'}${HEX.slice(0, 16).toUpperCase()},${SAMPLE.slice(0, 40)}\n`,
      'id,secret\n[REDACTED]\n',
    ],
    counterExample: 'AKIA, ASIA-PACIFIC',
  },
  {
    name: 'webhook',
    finds: 'the path of a webhook of Slack or Discord',
    at: ['hooks.slack.com', 'discord.com', 'discordapp.com'],
    rule: fixed(webhook),
    example: [
      `https://hooks.slack.com/services/T0123456/B0123456/${SAMPLE.slice(0, 24)}`,
      'https://hooks.slack.com/services/REDACTED',
    ],
    counterExample: 'https://discord.com/channels/123456789012345678/1',
  },
  {
    name: 'Telegram token',
    finds: 'the token of a Telegram bot',
    at: [8, 9, 10].map((digits) => [...Array(digits).fill(/\d/), /:/, /A/, /A/]),
    rule: fixed(telegram),
    example: [`bot123456789:AA${SAMPLE.slice(0, 33)}/getMe`, 'bot[REDACTED]/getMe'],
    counterExample: '12345678:AAB',
  },
  {
    name: 'Discord token',
    finds: 'the token of a Discord bot',
    at: [[/[MNO]/, /[DTjz]/, /[AEIMQUYcgk]/]],
    isWord: true,
    rule: fixed(discord),
    example: [`MTA${SAMPLE.slice(0, 23)}.Gabc12.${SAMPLE.slice(0, 30)}`, '[REDACTED]'],
    counterExample: 'MTA, NDA and OTC',
  },
  {
    name: 'card',
    finds: 'the number of a payment card that passes Luhn',
    at: [[/[2-6]/, /\d/, /\d/, /\d/]],
    isWord: true,
    rule: fixed(card),
    example: [`paid with ${'4111 '.repeat(1)}1111 1111 1111.`, 'paid with [REDACTED].'],
    counterExample: '4111 1111 1111 1112 and 1763715600123456789',
  },
];
