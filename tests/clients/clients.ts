import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/source-tree.ts';

export const FOLDER = join(ROOT, 'tests', 'clients');

export type Client = {
  /** Its folder below this one: the program, and what it needs, pinned. */
  folder: string;
  title: string;
  language: 'JS' | 'Python';
  /** The packages whose versions the page tells. */
  packages: readonly string[];
};

const AI_SDK = ['ai', '@ai-sdk/openai', '@ai-sdk/openai-compatible'];

export const CLIENTS: readonly Client[] = [
  { folder: 'openai-js', title: 'openai', language: 'JS', packages: ['openai'] },
  { folder: 'openai-python', title: 'openai', language: 'Python', packages: ['openai'] },
  { folder: 'ai-6', title: 'AI SDK 6', language: 'JS', packages: AI_SDK },
  { folder: 'ai-7', title: 'AI SDK 7', language: 'JS', packages: AI_SDK },
  { folder: 'openai-agents', title: 'OpenAI Agents SDK', language: 'JS', packages: ['@openai/agents'] },
  { folder: 'langchain', title: 'LangChain', language: 'JS', packages: ['langchain', '@langchain/openai'] },
  { folder: 'instructor', title: 'instructor', language: 'Python', packages: ['instructor', 'openai'] },
  {
    folder: 'pydantic-ai',
    title: 'pydantic-ai',
    language: 'Python',
    packages: ['pydantic-ai-slim', 'openai'],
  },
  { folder: 'litellm', title: 'LiteLLM SDK', language: 'Python', packages: ['litellm', 'openai'] },
];

/** The versions that are pinned, `name version`, for the packages that the page tells. */
export const versionsOf = async ({ folder, language, packages }: Client): Promise<string[]> => {
  const path = join(FOLDER, folder, language === 'JS' ? 'package-lock.json' : 'requirements.txt');
  const text = await readFile(path, 'utf8');
  const installed = language === 'JS' ? JSON.parse(text).packages : {};
  return packages.map((name) => {
    const version: unknown =
      language === 'JS'
        ? installed[`node_modules/${name}`]?.version
        : text
            .split('\n')
            .find((line) => line.startsWith(`${name}==`))
            ?.match(/==(\S+)/)?.[1];
    if (typeof version !== 'string') throw new Error(`${path} pins no ${name}`);
    return `${name} ${version}`;
  });
};
