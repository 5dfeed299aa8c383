import type { Part } from './row.ts';
import { answers } from './rows/answers.ts';
import { crashes, flooding, misbehaviour } from './rows/backend.ts';
import { leaving, stalling } from './rows/clients.ts';
import { codex, codexKilled, codexShutdown } from './rows/codex.ts';
import { broken, earlyFaults, faults, hurried, killed, shutdown } from './rows/endings.ts';
import { httpAnswers, httpBreaks, httpRefusals } from './rows/http.ts';
import { httpKilled, httpLeaving, httpShutdown, httpStalling } from './rows/http-clients.ts';
import { httpRoutes, httpUploads } from './rows/http-routes.ts';
import { modelErrors } from './rows/model-errors.ts';
import { places } from './rows/places.ts';
import { pages, refusals } from './rows/refusals.ts';
import { absence, silence, total } from './rows/time.ts';

/** Every way that a request can end, in the order of the page. */
export const PARTS: readonly Part[] = [
  { title: 'It is answered', profiles: [answers] },
  { title: 'It is refused', profiles: [refusals, pages] },
  { title: 'There is no place for it', profiles: [places] },
  { title: 'The model fails', profiles: [modelErrors] },
  { title: 'The backend fails', profiles: [crashes, misbehaviour, flooding, absence] },
  { title: 'Time is over', profiles: [total, silence] },
  { title: 'The client leaves', profiles: [leaving, stalling] },
  { title: 'The gateway fails, or ends', profiles: [faults, earlyFaults, shutdown, hurried, killed, broken] },
  { title: 'A server answers', profiles: [httpAnswers] },
  { title: 'A server refuses', profiles: [httpRefusals] },
  { title: 'A server fails', profiles: [httpBreaks] },
  {
    title: 'The client of a server leaves, or the gateway ends',
    profiles: [httpLeaving, httpStalling, httpShutdown, httpKilled],
  },
  { title: 'Several servers, by their routes', profiles: [httpRoutes, httpUploads] },
  { title: 'The same on the real Codex', profiles: [codex, codexShutdown, codexKilled] },
];
