import { nearest } from '../nearest.ts';
import { RELAYED_ROUTES, ROUTES } from './routes.ts';

const PATHS = ROUTES.map(({ path }) => path).filter((path) => !path.includes('{'));

/** A path without what clients' base URLs add to it or leave out: doubled slashes, a slash at the end, `/v1` twice or not at all. */
const bare = (path: string): string =>
  path
    .toLowerCase()
    .split('/')
    .filter((part) => part !== '')
    .join('/')
    .replace(/^(?:(?:api|openai|v1)\/)+/, '');

/** The path of the API that a request to an unknown one may have meant; null where none is near. */
const likelyPath = (path: string): string | null => {
  if (bare(path).startsWith('models/')) return '/v1/models/{id}';
  const found = nearest(bare(path), PATHS.map(bare));
  return found === null ? null : `/v1/${found}`;
};

/** Whether a path is one of an API that not every backend has. */
const isRelayed = (path: string): boolean => {
  const parts = path.split('/');
  return RELAYED_ROUTES.some((route) => {
    const template = route.path.split('/');
    return (
      template.length === parts.length &&
      template.every((part, index) => part.startsWith('{') || part === parts[index])
    );
  });
};

/** What to tell a client whose path is no route, or is one of an API that no backend has. */
export const noRoute = (method: string, path: string): string => {
  if (isRelayed(path)) return `No backend takes ${method} ${path}.`;
  const there = `There is no ${method} ${path} here`;
  if (bare(`${path}/`) === '' || bare(path) === 'v1')
    return `${there}: a client's base URL ends in /v1, and behind it come the paths ${PATHS.join(', ')}.`;
  const likely = likelyPath(path);
  return likely === null ? `${there}; /docs has the routes.` : `${there}; did you mean ${likely}?`;
};
