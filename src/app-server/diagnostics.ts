/** Where the process says what it noticed: a JSON object a line, never anything that a client or a model wrote. */
export interface Diagnostics {
  readonly info: (message: string, fields?: DiagnosticFields) => void;
  readonly warn: (message: string, fields?: DiagnosticFields) => void;
  readonly error: (message: string, fields?: DiagnosticFields) => void;
}
export type DiagnosticFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes to `write` (stderr), a line a call; `now` is a clock for tests. */
export const createDiagnostics = (write: (line: string) => void, now = () => new Date()): Diagnostics => {
  const log =
    (level: string) =>
    (msg: string, fields: DiagnosticFields = {}) =>
      write(
        `${JSON.stringify({ ts: now().toISOString(), level, service: 'throughline-app-server', msg, ...fields })}\n`,
      );
  return { info: log('info'), warn: log('warn'), error: log('error') };
};
