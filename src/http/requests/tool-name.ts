import { z } from 'zod';

/** Names that the API allows for functions. */
export const toolName = z.string().regex(/^[\w-]{1,64}$/, {
  error: 'must be 1 to 64 letters, digits, underscores or dashes',
});

/** The namespace in which Codex's newer models have the tools that are in none. */
const DEFAULT_NAMESPACE = 'functions';

/** A backend has no namespaces: the name of a tool in one holds both. */
export const namespacedName = (namespace: string | null | undefined, name: string): string =>
  namespace == null || namespace === DEFAULT_NAMESPACE ? name : `${namespace}__${name}`;
