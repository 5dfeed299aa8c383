/** Why a model server's list could not be had; the message is fit to be shown. */
export class NoModels extends Error {}

const TIMEOUT_MS = 5_000;
const MAX_MODELS = 100;

const idOf = (entry: unknown): string[] => {
  const id = (entry as { id?: unknown } | null)?.id;
  return typeof id === 'string' && id !== '' ? [id] : [];
};

/**
 * Asks an OpenAI-compatible server for its models (`GET {url}/models`), in its order, a hundred at most.
 *
 * @throws NoModels when it does not answer in time, refuses, or has none
 */
export const listModelNames = async (
  url: URL,
  apiKey: string | undefined,
): Promise<readonly [string, ...string[]]> => {
  const endpoint = new URL(url);
  endpoint.pathname = `${url.pathname.replace(/\/+$/, '')}/models`;
  const response = await fetch(endpoint, {
    headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((thrown: Error) => {
    const cause = thrown.cause as NodeJS.ErrnoException | undefined;
    const asked = `GET ${endpoint.origin}${endpoint.pathname}`;
    throw new NoModels(
      `the model server does not answer ${asked} (${cause?.code ?? thrown.name}); start it, or name its model with --model`,
    );
  });
  if (!response.ok)
    throw new NoModels(
      `the model server answered ${response.status} to GET /models; name its model with --model`,
    );
  const body = (await response.json().catch(() => null)) as { data?: unknown } | null;
  const [first, ...others] = (Array.isArray(body?.data) ? body.data : []).flatMap(idOf).slice(0, MAX_MODELS);
  if (first === undefined) throw new NoModels('the model server lists no model; name one with --model');
  return [first, ...others];
};
