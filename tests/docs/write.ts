import { writeFile } from 'node:fs/promises';
import { DOCUMENTS } from './documents.ts';

for (const { path, render } of DOCUMENTS) await writeFile(path, render());
