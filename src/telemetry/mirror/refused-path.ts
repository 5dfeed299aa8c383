const SPECIAL = /^\/(?:dev|proc)\//;

/**
 * Where the lines of requests stand that were refused before their sender was known: `proto.refused.ndjson` beside `proto.ndjson`. A
 * device or a pipe has nothing beside it, and takes them itself.
 */
export const refusedPathOf = (mirrorPath: string): string =>
  SPECIAL.test(mirrorPath) ? mirrorPath : mirrorPath.replace(/(\.[^./]*)?$/, '.refused$1');
