/** The words in the API's paths. Any other segment is an id, which the template leaves out. */
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

/** The path of a request at the server. */
export interface UpstreamPath {
  /** The path and the query, as they are sent. */
  readonly full: string;
  readonly path: string;
  /** The path with `{id}` for each id, so that there are few different ones. */
  readonly template: string;
}

/**
 * Joins the server's URL and the target of a request.
 *
 * @param base - the server's URL, with its `/v1`
 * @param target - the path below that, with its query
 */
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
