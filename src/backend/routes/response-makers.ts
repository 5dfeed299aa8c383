/** Remembers which backend made a response, for later requests that name it. */
export interface ResponseMakers {
  remember(responseId: string, backend: string): void;
  /** The backend's name; null if it is not known, or forgotten. */
  of(responseId: string): string | null;
}

const MAX_IDS = 10_000;
/** A longer id is not kept. */
const MAX_ID_CHARS = 256;

/** Keeps the ids that were used last. The gateway has one, which outlives a reload of the routes. */
export const createResponseMakers = (): ResponseMakers => {
  const makers = new Map<string, string>();
  const put = (id: string, backend: string): void => {
    makers.delete(id);
    makers.set(id, backend);
  };
  return {
    remember(id, backend) {
      if (id === '' || id.length > MAX_ID_CHARS) return;
      put(id, backend);
      const [oldest] = makers.keys();
      if (makers.size > MAX_IDS && oldest !== undefined) makers.delete(oldest);
    },
    of(id) {
      const backend = makers.get(id);
      if (backend === undefined) return null;
      put(id, backend);
      return backend;
    },
  };
};
