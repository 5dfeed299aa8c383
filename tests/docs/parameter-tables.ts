import { APP_SERVER_SUPPORT } from '../../src/backend/app-server/support.ts';
import { TRANSLATION_SUPPORT } from '../../src/backend/http-upstream/translate/support.ts';
import type { ParameterSupport, TurnApi } from '../../src/gateway/turn-support.ts';
import { ROUTES } from '../../src/http/routes.ts';

const SUPPORT = {
  honoured: 'honoured',
  emulated: 'emulated',
  ignored: 'ignored',
  refused: '**refused**',
} as const;

const BACKENDS = [APP_SERVER_SUPPORT, TRANSLATION_SUPPORT];

const cell = ({ support, note }: ParameterSupport): string => SUPPORT[support] + (note ? `: ${note}` : '');

const table = (api: TurnApi, names: readonly string[]): string =>
  [
    '| parameter | on the app-server | translated to Chat Completions |',
    '|---|---|---|',
    ...names.map((name) => {
      const cells = BACKENDS.map(({ parameters }) => cell(parameters[api][name] as ParameterSupport));
      return `| \`${name}\` | ${cells.join(' | ')} |`;
    }),
  ].join('\n');

/** docs/parameters.md, made from the tables that decide. `npm run docs` writes it; a test compares. */
export const parameterDocument = (): string => `# Parameters, one by one

What becomes of each parameter that the OpenAI API documents, on each backend that takes turns: the app-server, and a server that has no API but Chat
Completions, to which the gateway translates requests of the other APIs. Whatever has the API itself gets a request as its client sent it, and no row of
this page is about it. **Honoured**: it has its effect. **Ignored**: it is accepted,
has no effect, and is named in the response header \`x-throughline-ignored\` and on the \`http_ingress\` span
(\`throughline.ignored_parameters\`); with \`PROXY_STRICT_PARAMETERS=true\` it is refused instead. **Emulated**: the backend has no such
setting, so the gateway tells the model the rule, checks its answer, and asks once more with a reminder; an answer that breaks the rule again is an error
(\`tool_not_called\`, \`invalid_json_answer\`), and the usage is that of both tries. A streamed answer is held back until it is known to fit. The response header
\`x-throughline-emulated\` and the \`http_ingress\` span (\`throughline.emulated_parameters\`) name it; in strict mode it is refused. **Refused**: it would change the answer, so
any value but the one that asks for nothing (\`n: 1\`, \`store: false\`) is a 400 \`unsupported_parameter\` that names it. Fields that are in no
table are accepted and named too, in strict mode as well: clients add some; the span has their names in \`throughline.unknown_fields\` where
\`PROXY_CAPTURE\` is \`full\`, their number in any case. A \`null\` is as good as nothing. A value of another type than the
API documents is a 400 \`invalid_type\` with the path of the field, one outside of the range or the closed list that it documents a 400
\`invalid_value\` that says what is allowed; for parameters without effect as well. What Chat Completions refuses
(\`n: 2\`), the Responses API refuses too, though it has no such parameter.

${ROUTES.flatMap(({ path, body }) => (body ? [`## \`POST ${path}\`\n\n${table(body.api, Object.keys(body.parameters))}\n`] : [])).join('\n')}`;
