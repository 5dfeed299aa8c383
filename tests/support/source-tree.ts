import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Module, parseSync } from '@swc/core';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A TypeScript file of the repository; `path` is relative to the folder that was asked for. */
export type SourceFile = { path: string; text: string; lines: number };

const ELSEWHERE = new Set(['node_modules', 'codex']);

const walk = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return ELSEWHERE.has(entry.name) ? [] : walk(join(folder, entry.name));
    return entry.name.endsWith('.ts') ? [join(folder, entry.name)] : [];
  });

export const readSources = (folder: string): SourceFile[] => {
  const base = join(ROOT, folder);
  return walk(base).map((file) => {
    const text = readFileSync(file, 'utf8');
    return { path: file.slice(base.length + 1), text, lines: text.trimEnd().split('\n').length };
  });
};

/** `specifier` as it is written; `target` is a path below the same folder, or null for a package or a built-in. */
export type Import = { from: string; specifier: string; target: string | null };

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g;

/** Static, dynamic and re-exporting imports alike, types included: knowing a shape is knowing its owner. */
export const importsOf = ({ path, text }: SourceFile): Import[] =>
  [...withoutComments(text).matchAll(IMPORT)].map(([, specifier = '']) => ({
    from: path,
    specifier,
    target: specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : null,
  }));

const EXPORT = /^export (?:async )?(?:const|let|class|function\*?) (\w+)/gm;

/** The values that a file gives to others, by name; types are not among them. */
export const exportsOf = ({ text }: SourceFile): string[] =>
  [...text.matchAll(EXPORT)].map(([, name = '']) => name);

const NAMED = /\{([^{}]*)\}\s*(?:from\s*|=\s*await import\()'(\.[^']+)'/g;

const NAMESPACE = /\* as (\w+) from\s*'(\.[^']+)'/g;

const DECLARED = /^export (?:async )?(?:const|let|class|function\*?|interface|type|enum) (\w+)/gm;

/** All that a file declares for others, by name: types as well, and nothing that it only hands on. */
export const declaredBy = ({ text }: SourceFile): string[] => [
  ...new Set([...text.matchAll(DECLARED)].map(([, name = '']) => name)),
];

/** What a file takes from others by name, as `path of the other#name`; paths begin at the repository. */
export const takenBy = (folder: string, { path, text }: SourceFile): string[] => {
  const target = (specifier: string): string => normalize(join(folder, dirname(path), specifier));
  const byName = [...text.matchAll(NAMED)].flatMap(([, names = '', specifier = '']) =>
    names.split(',').map(
      (name) =>
        `${target(specifier)}#${
          name
            .trim()
            .replace(/^type /, '')
            .split(/ as |:/)[0]
        }`,
    ),
  );
  const ofNamespaces = [...text.matchAll(NAMESPACE)].flatMap(([, alias = '', specifier = '']) =>
    [...text.matchAll(new RegExp(`\\b${alias}\\.(\\w+)`, 'g'))].map(
      ([, name]) => `${target(specifier)}#${name}`,
    ),
  );
  return [...byName, ...ofNamespaces];
};

/** Good enough for code that a formatter keeps: comments begin their line, or follow code after a space. */
export const withoutComments = (text: string): string =>
  text.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/(^|\s)\/\/ .*$/gm, '$1');

export type FunctionSize = { name: string; lines: number };

type Node = { type?: string; span?: { start: number; end: number } };

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'MethodProperty',
  'Constructor',
]);

/** Every function of a file with its length, from its first line to its last. */
export const functionSizes = ({ path, text }: SourceFile): FunctionSize[] => {
  // swc counts bytes from wherever the last file ended; the added semicolon says where this one begins.
  const module: Module = parseSync(`;${text}`, { syntax: 'typescript', target: 'es2024' });
  const bytes = Buffer.from(`;${text}`);
  const base = module.body[0]?.span.start ?? 0;
  const sizes: FunctionSize[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, span } = node as Node;
    if (type !== undefined && span && FUNCTIONS.has(type)) {
      const source = bytes.subarray(span.start - base, span.end - base).toString('utf8');
      const line = bytes
        .subarray(0, span.start - base)
        .toString('utf8')
        .split('\n').length;
      sizes.push({ name: `${path}:${line}`, lines: source.split('\n').length });
    }
    Object.values(node).forEach(visit);
  };
  module.body.forEach(visit);
  return sizes;
};

/** The files that the entry points need, directly or not. */
export const reachableFrom = (entries: readonly string[], files: readonly SourceFile[]): Set<string> => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const reach = (path: string): void => {
    const file = byPath.get(path);
    if (!file || reached.has(path)) return;
    reached.add(path);
    for (const { target } of importsOf(file)) if (target) reach(target);
  };
  entries.forEach(reach);
  return reached;
};
