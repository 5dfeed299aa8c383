/** What the page that greets depends on. */
export interface WelcomeFacts {
  /** A model that can be asked for at once; null where only `/v1/models` knows one. */
  readonly model: string | null;
  readonly needsKey: boolean;
}

/** What somebody is told who asks for `/`. */
interface Welcome {
  readonly models: string;
  readonly chat: string;
  readonly hasModel: boolean;
}

const ABOUT =
  'Throughline, an OpenAI-compatible LLM gateway: every step of every request is a span and a line in a file.';
const FALLBACK_HOST = '127.0.0.1:8787';

/** `host` is the request's own: what it reached is what it can reach again. */
export const welcomeOf = (host = FALLBACK_HOST, { model, needsKey }: WelcomeFacts): Welcome => {
  const key = needsKey ? " -H 'authorization: Bearer YOUR_KEY'" : '';
  const body = `{"model":"${model ?? 'MODEL'}","messages":[{"role":"user","content":"hello"}]}`;
  return {
    models: `curl http://${host}/v1/models${key}`,
    chat: `curl http://${host}/v1/chat/completions${key} -H 'content-type: application/json' -d '${body}'`,
    hasModel: model !== null,
  };
};

const choose = ({ hasModel }: Welcome): string =>
  hasModel ? 'Ask it something' : 'Ask it something, with one of those models for MODEL';

/** For `curl`. */
export const welcomeText = (welcome: Welcome): string => `${ABOUT}

The API is below /v1; /docs describes it, /healthz says how the gateway is.

List the models:
  ${welcome.models}
${choose(welcome)}:
  ${welcome.chat}
`;

const STYLE =
  'body{font:16px/1.5 system-ui;max-width:50rem;margin:2rem auto;padding:0 1rem}pre{white-space:pre-wrap;border:1px solid #8884;padding:.6rem}:root{color-scheme:light dark}';

/** The host of a request may hold letters, digits and a few signs alone; what stands in quotes is ours. */
const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** For a browser. */
export const welcomePage = (welcome: Welcome): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Throughline</title>
<style>${STYLE}</style>
<h1>Throughline</h1>
<p>${ABOUT}</p>
<p>The API is below <code>/v1</code>; <a href="/docs">/docs</a> describes it, <a href="/healthz">/healthz</a> says how the gateway is.</p>
<p>List the models:</p>
<pre>${escapeHtml(welcome.models)}</pre>
<p>${choose(welcome)}:</p>
<pre>${escapeHtml(welcome.chat)}</pre>
</html>
`;

/** Browsers name HTML; `curl` and clients of the API take anything. */
export const prefersHtml = (accept = ''): boolean => accept.toLowerCase().includes('text/html');
