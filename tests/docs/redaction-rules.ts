import { TABLE } from '../../src/telemetry/sanitize/table.ts';

/** Long runs become an ellipsis: scanners for secrets read these pages, too. */
const shortened = (text: string): string => text.replace(/[A-Za-z0-9+/=]{16,}/g, '…').replace(/\n/g, ' ⏎ ');

const code = (text: string): string => `\`${shortened(text).replaceAll('|', '\\|')}\``;

const rows = TABLE.map(
  ({ name, finds, example: [before, after], counterExample }) =>
    `| ${name} | ${finds} | ${code(before)} | ${code(after)} | ${code(counterExample)} |`,
);

/** docs/redaction-rules.md, made from the table of the sanitizer's rules. */
export const redactionRulesDocument = (): string => `# The rules of the sanitizer

What it looks for in a text, in the order in which it is asked where two rules look at the same place. [redaction.md](redaction.md) says where
the sanitizer stands, what it does with names, and how to add a rule. \`npm run docs\` writes this page from
\`src/telemetry/sanitize/table.ts\` and \`token-table.ts\`; tests run over the same rows.

| rule | finds | a text | becomes | stays |
|---|---|---|---|---|
${rows.join('\n')}
`;
