/** Words and tables that every folder may use. */
const VOCABULARY = [
  'errors.ts',
  'telemetry/phases.ts',
  'telemetry/semconv.ts',
  'telemetry/settings.ts',
  'app-server-protocol/',
];
const PROTOCOL = 'app-server-protocol/';
export const LATER = 'later.ts';
/** How text becomes harmless for a terminal: for those who write to one. */
const PRINTABLE = 'telemetry/printable.ts';
const CUT = 'cut.ts';
const BACK_OFF = 'back-off.ts';
const NEAREST = 'nearest.ts';
const LINES = 'line-splitter.ts';
const PACE = ['pace.ts', 'fifo.ts', 'pieces.ts', 'json-values.ts'];
const DOOR = 'telemetry/index.ts';
const PORTS = ['gateway/'];
/** Plain data: what the operator says of backends. */
const ROUTED = ['relay', 'http-backend-settings', 'routes', 'model-pattern'].map(
  (name) => `gateway/${name}.ts`,
);
const SANITIZER = ['telemetry/sanitize.ts', 'telemetry/sanitize/redact-file.ts'];
/** The shapes of the lines that are written, and where, for those who read them back. */
const RECORDS = [
  'telemetry/mirror/line.ts',
  'telemetry/mirror/event.ts',
  'telemetry/mirror/refused-path.ts',
  'usage/usage-record.ts',
];

/** Design §6: what a folder (or one file of it, the longer name wins) may import from outside of itself. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'composition/': [''],
  'composition/codex.ts': [],
  'composition/codex-env.ts': [],
  'composition/files.ts': ['telemetry/', 'config/'],
  'composition/embedded-stderr.ts': [],
  'config/': [...VOCABULARY, NEAREST, CUT, ...ROUTED],
  'later.ts': [],
  'nearest.ts': [],
  'back-off.ts': [],
  'line-splitter.ts': [],
  ...Object.fromEntries(PACE.map((name) => [name, PACE])),
  'cut.ts': [],
  'errors.ts': ['telemetry/phases.ts', CUT],
  'app-server-protocol/': [],
  'http/': [...VOCABULARY, LATER, ...PACE, NEAREST, CUT, DOOR, 'gateway/', 'egress/'],
  'gateway/': [...VOCABULARY, DOOR],
  'backend/': [...VOCABULARY, LATER, ...PACE, BACK_OFF, LINES, ...PORTS],
  'egress/': [...VOCABULARY, LATER, ...PORTS],
  'usage/': [...VOCABULARY, ...PORTS, DOOR],
  'telemetry/': [LATER, BACK_OFF, CUT],
  'timeline/': [...VOCABULARY, LINES, ...RECORDS],
  'replay/': [...VOCABULARY, ...RECORDS],
  'cli/': [...VOCABULARY, PRINTABLE, 'config/', ...RECORDS, 'timeline/', 'replay/'],
  'cli/check.ts': [PRINTABLE, ...SANITIZER],
  'cli/serve.ts': [PRINTABLE, 'config/', 'composition/'],
  'app-server/': [PROTOCOL, CUT, LINES],
  'app-server/telemetry/': [
    PROTOCOL,
    CUT,
    'app-server/',
    ...['sanitizing-processor', 'random-flag', 'trace-context'].map((name) => `telemetry/otel/${name}.ts`),
    'telemetry/policy/index.ts',
    ...SANITIZER,
  ],
};

/** Packages and built-ins that belong to one place. */
export const HOME_OF: readonly { readonly what: RegExp; readonly home: RegExp }[] = [
  { what: /^@opentelemetry\//, home: /^(app-server\/)?telemetry\// },
  { what: /^@?hono\b/, home: /^http\// },
  { what: /^node:child_process$/, home: /^(backend\/app-server\/worker|composition\/processes)\// },
  {
    what: /^node:(http|net|http2)$/,
    home: /^(http|telemetry\/mirror|app-server\/transport|composition\/processes)\//,
  },
  { what: /^pino/, home: /^telemetry\/log\.ts$/ },
  { what: /^commander$/, home: /^cli\// },
  { what: /^(undici|cockatiel)$/, home: /^backend\/http-upstream\/relay\// },
];
