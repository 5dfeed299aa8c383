/** Mirror lines that were numbered and are not in the file: `count` of them between two that are. */
export interface LostLines {
  readonly count: number;
  readonly afterNs: bigint;
  readonly beforeNs: bigint;
}

/** Finds gaps in the sequence numbers, without parsing a line. */
export interface LostLineFinder {
  /** Takes every line of the mirror, in the order of the file. */
  line(bytes: Buffer): void;
  /** Says that a torn line stood here: its number is no gap. */
  torn(): void;
  readonly found: readonly LostLines[];
}

interface Process {
  /** Empty where the lines do not say it: a gateway of one process. */
  readonly pid: string;
  next: number;
  lastNs: bigint;
}

const HEAD =
  /^\{"v":1,"type":"\w+","ts":"[^"]*","time_ns":"(\d{1,20})","seq":(\d{1,15})(?:,"pid":(\d{1,10}))?[,}]/;
const HEAD_BYTES = 160;
/** The processes of a gateway, and gateways that write one file by mistake or one after the other, count each for itself. */
const MAX_PROCESSES = 128;
const MAX_GAPS = 1000;

export const createLostLineFinder = (): LostLineFinder => {
  const found: LostLines[] = [];
  let processes: Process[] = [];
  let torn = 0;

  const note = (process: Process, seq: number, timeNs: bigint): void => {
    const count = seq - process.next - torn;
    torn = 0;
    if (count > 0 && found.length < MAX_GAPS)
      found.push({ count, afterNs: process.lastNs, beforeNs: timeNs });
  };

  const processOf = (seq: number, pid: string): Process | undefined =>
    processes.find((process) => process.next === seq && process.pid === pid) ??
    processes
      .filter((process) => process.next < seq && process.pid === pid)
      .sort((a, b) => b.next - a.next)[0];

  return {
    found,
    line(bytes) {
      const head = HEAD.exec(bytes.toString('latin1', 0, HEAD_BYTES));
      if (!head) return;
      const seq = Number(head[2]);
      const timeNs = BigInt(head[1] ?? 0);
      const pid = head[3] ?? '';
      const process = processOf(seq, pid);
      if (process && seq > process.next) note(process, seq, timeNs);
      const current = process ?? { pid, next: 0, lastNs: 0n };
      current.next = seq + 1;
      current.lastNs = timeNs;
      if (processes[0] !== current) {
        processes = [current, ...processes.filter((other) => other !== current)].slice(0, MAX_PROCESSES);
      }
    },
    torn: () => void torn++,
  };
};
