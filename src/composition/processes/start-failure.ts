/** Why a process cannot start: the lines that its user reads, and the exit code. */
export interface StartFailure {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/** What one process of several has said that could not start. */
export class ProcessStartError extends Error implements StartFailure {
  readonly lines: readonly string[];
  readonly exitCode: number;

  constructor({ lines, exitCode }: StartFailure) {
    super(lines.join('\n'));
    this.name = 'ProcessStartError';
    this.lines = lines;
    this.exitCode = exitCode;
  }
}
