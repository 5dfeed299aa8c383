import type { TurnSupport } from '../../gateway/turn-support.ts';
import { openApiDocument } from './document.ts';
import { documentPage } from './page.ts';

/** The API's description, in the two forms that it is served in. */
export interface ApiDescription {
  readonly json: string;
  readonly page: string;
}

/** Made at the first request for it: the gateway's start does not wait for what few ask for. */
export const createApiDescription = (
  version: string,
  support: TurnSupport | null,
): (() => ApiDescription) => {
  let made: ApiDescription | undefined;
  return () => {
    if (made) return made;
    const document = openApiDocument(version, support);
    made = { json: JSON.stringify(document), page: documentPage(document) };
    return made;
  };
};
