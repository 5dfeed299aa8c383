import { fileURLToPath } from 'node:url';
import { errorDocument } from './error-table.ts';
import { parameterDocument } from './parameter-tables.ts';
import { redactionRulesDocument } from './redaction-rules.ts';

const inDocs = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

/** Pages that are made from the code. `npm run docs` writes them; documents.test.ts compares. */
export const DOCUMENTS = [
  { path: inDocs('parameters.md'), render: parameterDocument },
  { path: inDocs('errors.md'), render: errorDocument },
  { path: inDocs('redaction-rules.md'), render: redactionRulesDocument },
] as const;
