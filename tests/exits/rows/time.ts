import { killWorker, workersGone } from '../kill-worker.ts';
import { chat, stream, unfinished } from '../requests.ts';
import { failedLate, type Profile, type Row, reads, refused } from '../row.ts';

const LONG = '/wait 60000';
const late = (code: string, phases: string) => refused(504, code, 'timeout', phases);

/** The time of the whole request is over. */
export const total: Profile = {
  name: 'total',
  open: () => ({
    PROXY_BODY_TIMEOUT_MS: '2000',
    PROXY_TIMEOUT_MS: '4000',
    PROXY_KEEPALIVE_MS: '300',
  }),
  rows: [
    {
      name: 'because its body comes too slowly',
      run: reads(unfinished),
      expected: refused(408, 'request_timeout', 'timeout'),
    },
    {
      name: 'because its time is over before the first word',
      run: reads(chat(LONG)),
      expected: late('backend_timeout', '++!++'),
    },
    {
      name: 'because its time is over in mid-stream',
      run: reads(stream('/stall')),
      expected: failedLate('backend_timeout', 'timeout'),
    },
    {
      name: 'because its time is over after comments that kept the stream alive',
      run: reads(stream(LONG)),
      expected: failedLate('backend_timeout', 'timeout'),
    },
    {
      name: "because the client's own deadline is over before the first word",
      run: reads(chat(LONG, { headers: { 'x-request-timeout-ms': '1500' } })),
      expected: late('request_deadline_exceeded', '++!++'),
    },
    {
      name: "because the client's own deadline is over in mid-stream",
      run: reads(stream('/stall', { headers: { 'x-request-timeout-ms': '2500' } })),
      expected: failedLate('request_deadline_exceeded', 'timeout'),
    },
  ],
};

/** The backend is silent for too long. */
export const silence: Profile = {
  name: 'silence',
  open: () => ({ PROXY_FIRST_BYTE_TIMEOUT_MS: '2500', PROXY_IDLE_TIMEOUT_MS: '3500' }),
  rows: [
    {
      name: 'because the backend does not begin its answer in time',
      run: reads(stream(LONG)),
      expected: late('backend_first_byte_timeout', '++!++'),
    },
    {
      name: 'because the backend falls silent in mid-stream',
      run: reads(stream('/stall')),
      expected: failedLate('backend_idle_timeout', 'timeout'),
    },
    {
      name: 'because the backend falls silent before a plain answer is whole',
      run: reads(chat('/stall')),
      expected: late('backend_idle_timeout', '++!++'),
    },
  ],
};

const unavailable: Row = {
  name: 'because the backend is not there, and will not be soon',
  run: async (stage) => {
    await killWorker(stage.gateway);
    await stage.gateway.waitForLog(({ msg }) => msg === 'the backend is ready again');
    await killWorker(stage.gateway);
    await workersGone(stage.gateway);
    return reads(stream('hi'))(stage);
  },
  expected: refused(503, 'backend_unavailable', 'overloaded', '+!-++'),
  alone: true,
};

/** There is no backend. */
export const absence: Profile = {
  name: 'absence',
  open: () => ({ PROXY_MAX_RESTARTS: '1', PROXY_CONNECT_TIMEOUT_MS: '5000' }),
  rows: [unavailable],
};
