const ALLOWED = 'a URL that begins with http:// or https://, as OpenAI clients take it: with its /v1';

/** What is wrong with a text as the base URL of a server: it may hold secrets, so it is not repeated. Null where nothing is. */
export const baseUrlProblem = (text: string): string | null => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol)) return ALLOWED;
  if (url.username || url.password) return `${ALLOWED}, without credentials`;
  return url.search || url.hash || /[?#]/.test(text)
    ? `${ALLOWED}, without a query and without a fragment`
    : null;
};

/** The same URL, without a slash at its end: paths are put behind it. */
export const toBaseUrl = (text: string): URL => {
  const url = new URL(text);
  while (url.pathname.length > 1 && url.pathname.endsWith('/')) url.pathname = url.pathname.slice(0, -1);
  return url;
};
