/** Words of the API's paths. Whatever else stands in one is an id, and an id makes no template. */
const WORDS = new Set(
  (
    'chat completions responses embeddings moderations models cancel compact input_items input_tokens files content uploads parts ' +
    'complete batches images generations edits variations audio speech transcriptions translations'
  ).split(' '),
);

const splitTarget = (target: string): { readonly path: string; readonly query: string } => {
  const at = target.indexOf('?');
  return at < 0 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at + 1) };
};

/** Where a request goes. */
export interface UpstreamPath {
  /** Path and query, as they are sent. */
  readonly full: string;
  readonly path: string;
  /** The path without ids, of which there are few. */
  readonly template: string;
}

/** `base`: the server's URL with its `/v1`. `target`: the path below that, and a query. */
export const upstreamPath = (base: URL, target: string): UpstreamPath => {
  const { path, query } = splitTarget(target);
  const prefix = base.pathname.replace(/\/+$/, '');
  const queries = [base.search.slice(1), query].filter((text) => text !== '').join('&');
  const template = path.replaceAll(/[^/]+/g, (word) => (WORDS.has(word) ? word : '{id}'));
  return {
    full: `${prefix}${path}${queries === '' ? '' : `?${queries}`}`,
    path: `${prefix}${path}`,
    template: `${prefix}${template}`,
  };
};
