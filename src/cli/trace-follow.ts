import { printableJson } from '../telemetry/printable.ts';
import { followTimeline } from '../timeline/follow.ts';
import type { CliOutput } from './output.ts';
import { type EventOptions, renderEvent } from './render/events.ts';
import { paint } from './render/line.ts';
import { entryJson } from './trace-json.ts';
import { isWanted, type RequestTraceOptions } from './trace-options.ts';

export interface FollowRun extends EventOptions {
  readonly colours: boolean;
  readonly signal: AbortSignal;
}

/**
 * Prints events as they come, until the request has ended or the signal aborts. With `--json` each is one line.
 *
 * @returns whether anything of the request was seen
 */
export const followRequest = async (
  options: RequestTraceOptions,
  output: CliOutput,
  run: FollowRun,
): Promise<boolean> => {
  const wanted = isWanted(options);
  const signal = AbortSignal.any([run.signal, output.left]);
  let seen = false;
  for await (const entries of followTimeline(options, { signal })) {
    seen = true;
    for (const entry of entries.filter(wanted)) {
      const rows = options.json
        ? [printableJson(JSON.stringify(entryJson(entry)))]
        : renderEvent(entry, run).map((line) => paint(line, run.colours));
      await output.write(rows.map((row) => `${row}\n`).join(''));
    }
  }
  return seen;
};
