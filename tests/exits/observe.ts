import { viewOf } from './answer.ts';
import { finishOf, isFailed, isServer, marksOf, type Records } from './records.ts';
import type { Exit } from './row.ts';
import type { Response } from './wire.ts';

/** The row as it was seen. Where two records could disagree, `contradictions` says whether they do. */
export const exitOf = (response: Response, records: Records): Exit => {
  const { answer, code } = viewOf(response);
  const server = records.spans.find(isServer);
  const [usage] = records.usage;
  return {
    status: response.status,
    answer,
    outcome: usage?.outcome ?? null,
    code: usage?.error_code ?? code ?? null,
    phases: marksOf(records),
    server: server ? (isFailed(server) ? 'Error' : 'Unset') : null,
    recorded: usage?.status_code ?? null,
    usage: usage?.usage_source ?? null,
    finish: usage?.outcome === 'completed' ? (finishOf(records) ?? null) : null,
  };
};
