import type { Operation, openApiDocument } from './document.ts';

type Document = ReturnType<typeof openApiDocument>;
type Schema = NonNullable<Operation['requestBody']>['content']['application/json']['schema'];

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (letter) => ENTITIES[letter] ?? '');
const withCode = (text: string): string => escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');

const typeOf = ({ type, anyOf }: Schema['properties'][string]): string =>
  [...new Set([type ?? [], ...(anyOf ?? []).map((schema) => schema.type ?? [])].flat())].join(' | ');

const parameterTable = ({ properties, required = [] }: Schema): string => {
  const rows = Object.entries(properties).map(
    ([name, schema]) =>
      `<tr><td><code>${escapeHtml(name)}</code>${required.includes(name) ? ' (required)' : ''}</td>` +
      `<td>${escapeHtml(typeOf(schema))}</td><td>${withCode(schema.description ?? '')}</td></tr>`,
  );
  return ['<table><tr><th>parameter</th><th>type</th><th></th></tr>', ...rows, '</table>'].join('\n');
};

const section = (path: string, method: string, { summary, requestBody }: Operation): string => {
  const schema = requestBody?.content['application/json'].schema;
  const table = schema ? parameterTable(schema) : '';
  return `<h2>${method.toUpperCase()} ${escapeHtml(path)}</h2>\n<p>${escapeHtml(summary)}.</p>\n${table}`;
};

const STYLE =
  'body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}' +
  'td,th{border:1px solid #8884;padding:.2rem .6rem;text-align:left;vertical-align:top}:root{color-scheme:light dark}';

/** One page that shows the API's description, and needs nothing from anywhere else. */
export const documentPage = ({ info, paths }: Document): string => `<!doctype html>
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
</html>
`;
