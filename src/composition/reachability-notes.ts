import type { Reachability } from '../backend/http-upstream/relay/server-models.ts';

type Tell = (fields: object, message: string) => void;

interface ReachabilityNotesOptions {
  readonly name: string;
  /** The server gets the clients' keys, so that it may refuse the gateway's own questions, which have none. */
  readonly forwardsKey: boolean;
  readonly logger: { readonly info: Tell; readonly warn: Tell };
}

/** What to look at where a server answers so to `GET /models`. */
const hintOf = (reason: string): string => {
  if (/ 40[13] /.test(reason)) return '; is its key right?';
  return / 404 /.test(reason) ? '; is its URL right? Most end in /v1' : '';
};

/** Logs when a server stops answering, when it answers again, and when it answers without its models. A first answer with them is not logged. */
export const createReachabilityNotes = ({ name, forwardsKey, logger }: ReachabilityNotesOptions) => {
  let isDown = false;
  let told: string | null = null;
  const tellOfList = (reason: string | null): void => {
    if (reason === told) return;
    told = reason;
    if (reason !== null && !forwardsKey)
      logger.warn(
        { backend: name, reason },
        `the backend ${name} answers, but does not list its models${hintOf(reason)}`,
      );
  };
  return ({ up, reason }: Reachability): void => {
    if (up !== !isDown) {
      isDown = !up;
      if (up) logger.info({ backend: name }, `the backend ${name} answers`);
      else
        logger.warn(
          { backend: name, reason },
          `the backend ${name} does not answer; it is asked again every few seconds`,
        );
    }
    if (up) tellOfList(reason);
  };
};
