import { fileURLToPath } from 'node:url';
import { createLogFolder } from '../timeline/log-folder.ts';
import { killed, killedInCall } from '../timeline/open-requests.ts';
import { failure, streamedChat, toolCall } from '../timeline/requests.ts';
import { runTrace } from './run-trace.ts';

const REQUESTS = {
  'streamed-chat': streamedChat,
  'tool-call': toolCall,
  failure,
  killed,
  'killed-in-call': killedInCall,
};

const VIEWS = {
  '80': { columns: 80, args: [] },
  '140': { columns: 140, args: [] },
  file: { columns: undefined, args: [] },
  payload: { columns: 80, args: ['--payload', '--phase', 'backend_io,client_egress'] },
};

type Request = keyof typeof REQUESTS;
type View = keyof typeof VIEWS;

/** Every request in every view. */
export const GOLDEN_CASES = (Object.keys(REQUESTS) as Request[]).flatMap((request) =>
  (Object.keys(VIEWS) as View[]).map((view) => [request, view] as const),
);

export const goldenPath = (request: Request, view: View): string =>
  fileURLToPath(new URL(`golden/${request}.${view}.txt`, import.meta.url));

/** What the command prints for a request now. */
export const printView = async (request: Request, view: View): Promise<string> => {
  const logs = await createLogFolder();
  try {
    const recorded = REQUESTS[request]();
    await logs.record(recorded);
    const { columns, args } = VIEWS[view];
    const call = ['--req-id', recorded.reqId, '--access-log', logs.accessLog, ...args];
    return (await runTrace(logs, call, { columns })).stdout;
  } finally {
    await logs.remove();
  }
};
