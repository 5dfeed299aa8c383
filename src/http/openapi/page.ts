import type { Operation, openApiDocument } from './document.ts';
import { type Json, type JsonSchema, refName, typesOf } from './json-schema.ts';

type Document = ReturnType<typeof openApiDocument>;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (letter) => ENTITIES[letter] ?? '');
const withCode = (text: string): string => escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `<table><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr>`,
    ...rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`),
    '</table>',
  ].join('\n');

const fields = ({ properties = {}, required = [] }: JsonSchema): string =>
  table(
    ['field', 'type', ''],
    Object.entries(properties).map(([name, schema]) => [
      `<code>${escapeHtml(name)}</code>${required.includes(name) ? ' (required)' : ''}`,
      escapeHtml(typesOf(schema).join(' | ')),
      withCode(schema.description ?? ''),
    ]),
  );

const link = (name: string): string => `<a href="#${escapeHtml(name)}">${escapeHtml(name)}</a>`;

interface DescribedAnswer {
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

const contentOf = ({ content = {} }: DescribedAnswer): string =>
  Object.entries(content)
    .map(([type, { schema }]) => `${typesOf(schema).map(link).join(' or ')} as ${escapeHtml(type)}`)
    .join(', ');

/** The statuses of an operation: its errors are told once, for all of them. */
const answers = (responses: Json): string =>
  table(
    ['status', 'answer'],
    Object.entries(responses as Readonly<Record<string, DescribedAnswer & JsonSchema>>).map(
      ([status, answer]) => [
        status,
        answer.$ref ? link(refName(answer)) : contentOf(answer) || withCode(answer.description ?? ''),
      ],
    ),
  );

const section = (path: string, method: string, operation: Operation): string => {
  const { summary, requestBody, responses } = operation;
  const schema = requestBody?.content['application/json'].schema;
  return [
    `<h2>${method.toUpperCase()} ${escapeHtml(path)}</h2>`,
    `<p>${escapeHtml(summary)}.</p>`,
    ...(schema ? [fields(schema)] : []),
    `<details><summary>Answers</summary>${answers(responses)}</details>`,
  ].join('\n');
};

/** An object by its fields; a union of them by each of its members' fields. */
const shape = (name: string, schema: JsonSchema): string =>
  [
    `<h3 id="${escapeHtml(name)}">${escapeHtml(name)}</h3>`,
    ...(schema.oneOf ?? schema.anyOf ?? [schema]).map((member) => {
      const type = member.properties?.['type']?.const;
      return `${type === undefined ? '' : `<p><code>${escapeHtml(String(type))}</code></p>`}${fields(member)}`;
    }),
  ].join('\n');

const errors = (responses: Json): string =>
  table(
    ['', 'codes, and what the client should do'],
    Object.entries(responses as Readonly<Record<string, DescribedAnswer>>).map(
      ([name, { description = '' }]) => [
        `<span id="${escapeHtml(name)}">${escapeHtml(name)}</span>`,
        withCode(description),
      ],
    ),
  );

const STYLE =
  'body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}' +
  'td,th{border:1px solid #8884;padding:.2rem .6rem;text-align:left;vertical-align:top}:root{color-scheme:light dark}';

/** One page that shows the API's description, and needs nothing from anywhere else. */
export const documentPage = ({ info, paths, components }: Document): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(info.title)} API</title>
<style>${STYLE}</style>
<h1>${escapeHtml(info.title)} API ${escapeHtml(info.version)}</h1>
<p>${withCode(info.description)} The whole of it: <a href="/openapi.json">openapi.json</a>.</p>
${Object.entries(paths)
  .flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => section(path, method, operation)),
  )
  .join('\n')}
<h2>Errors</h2>
${errors(components.responses)}
<h2>Shapes</h2>
${Object.entries(components.schemas)
  .map(([name, schema]) => shape(name, schema))
  .join('\n')}
</html>
`;
