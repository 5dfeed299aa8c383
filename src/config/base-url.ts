const ALLOWED = 'a URL that begins with http:// or https://, as OpenAI clients take it: with its /v1';

/** What is allowed, if the text is no base URL of a server; null if it is one. The text may hold secrets and is not repeated. */
export const baseUrlProblem = (text: string): string | null => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol)) return ALLOWED;
  if (url.username || url.password) return `${ALLOWED}, without credentials`;
  return url.search || url.hash || /[?#]/.test(text)
    ? `${ALLOWED}, without a query and without a fragment`
    : null;
};

/** The URL without a slash at its end, so that paths can be appended. */
export const toBaseUrl = (text: string): URL => {
  const url = new URL(text);
  while (url.pathname.length > 1 && url.pathname.endsWith('/')) url.pathname = url.pathname.slice(0, -1);
  return url;
};
