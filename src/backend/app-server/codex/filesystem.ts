import { dirname, join } from 'node:path';

/** Something on the disk that no command of a turn may read. Paths are absolute, normal, and without links. */
export interface HiddenPath {
  /** A folder, or a pattern with `*`. */
  readonly path: string;
  /** A pattern for the files meant, where the folder cannot be hidden as a whole because the turn works in it. */
  readonly files?: string;
}

/** What the sandbox lets a command do with a path; `:minimal` is the system's folders, such as /usr and /etc. */
type FilesystemRules = Readonly<Record<string, 'read' | 'none'>>;

/** Whether `path` is the folder, or lies in it. Both are absolute and normal; each turn asks this of all pairs of paths. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

/** Some of what `:minimal` may let in; a rule too many for it does no harm. */
const SYSTEM = /^\/(?:bin|dev|etc|lib\w*|nix|run|sbin|usr)(?:\/|$)/;

/** A rule for a path that lies in another hidden one makes the sandbox fail. */
const outermost = (paths: readonly string[]): string[] =>
  [...new Set(paths)].filter((path) => !paths.some((other) => other !== path && isWithin(path, other)));

/** Where Codex's own helpers are, such as `rg`: beside the folder of its program. */
const helpersOf = (program: string): string => join(dirname(dirname(program)), 'codex-path');

/**
 * What a command may read. Where Codex's program is known, that is the system's folders, the working directory and that program
 * (the sandbox starts it inside); else everything but what is hidden.
 */
export const filesystemRules = (
  program: string | null,
  hidden: readonly HiddenPath[],
  cwd: string,
): FilesystemRules => {
  const needed = program === null ? [cwd] : [cwd, program];
  const denied = hidden.flatMap(({ path, files }) => {
    const isNeeded = needed.some((inside) => isWithin(inside, path));
    if (isNeeded && files !== undefined) return files;
    // Rather no command at all than one that reads this.
    if (program === null || path === cwd) return path;
    // What lies elsewhere cannot be read anyway, and a rule would tell the model of it.
    return !isNeeded && (isWithin(path, cwd) || SYSTEM.test(path)) ? path : [];
  });
  return {
    ...(program === null
      ? { ':root': 'read' }
      : { ':minimal': 'read', ':workspace_roots': 'read', [program]: 'read', [helpersOf(program)]: 'read' }),
    ...Object.fromEntries(outermost(denied).map((path) => [path, 'none'])),
  };
};
