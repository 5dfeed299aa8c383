import type { Attempt } from '../../timeline/timeline.ts';
import { type Line, plain, type Segment, styled } from './line.ts';
import { formatDuration } from './units.ts';
import { outcomeLook } from './words.ts';

const spaced = (segments: readonly (Segment | null)[]): Line =>
  segments
    .filter((segment) => segment !== null)
    .flatMap((segment, index) => (index === 0 ? [segment] : [plain('  '), segment]));

const LABEL_WIDTH = 9;

const row = (label: string, value: Line): Line => [styled('dim', `  ${label.padEnd(LABEL_WIDTH)}`), ...value];

const milliseconds = (ms: number): bigint => BigInt(Math.round(ms * 1e6));

/** Of an attempt without an outcome; what has no phases, such as a page, has none. */
const endingOf = ({ ended, statusCode }: Attempt): string => {
  if (!ended) return 'not ended';
  return statusCode === null ? 'ended, outcome unknown' : 'ended';
};

const headline = (reqId: string, attempt: Attempt): Line => {
  const { mark, style } = outcomeLook(attempt.outcome);
  const ending = attempt.outcome ?? endingOf(attempt);
  return spaced([
    styled('bold', reqId),
    styled(style, `${mark} ${ending}`),
    attempt.statusCode === null ? null : plain(String(attempt.statusCode)),
    attempt.errorCode === null ? null : styled('red', attempt.errorCode),
    attempt.durationMs === null ? null : plain(formatDuration(milliseconds(attempt.durationMs))),
  ]);
};

/** A list of models or an upload has no tokens. */
const expectsTokens = ({ mode, outcome, firstTokenNs }: Attempt): boolean =>
  mode !== 'models' && mode !== 'other' && (outcome === 'completed' || firstTokenNs !== null);

const tokenText = (attempt: Attempt): string | null => {
  const { tokens, tokenSource } = attempt;
  if (!tokens)
    return tokenSource === 'missing' && expectsTokens(attempt) ? 'none given by the provider' : null;
  const cached = tokens.cached_input_tokens > 0 ? ` (${tokens.cached_input_tokens} cached)` : '';
  const reasoning =
    tokens.reasoning_output_tokens > 0 ? ` (${tokens.reasoning_output_tokens} reasoning)` : '';
  const source = tokenSource === 'partial' ? ', counted until the answer was cut off' : '';
  return `${tokens.input_tokens} in${cached} + ${tokens.output_tokens} out${reasoning} = ${tokens.total_tokens}${source}`;
};

const isoTime = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString();

/** The way through several gateways: `near → far`, with a comma between those that the same one called. */
const servicesText = ({ services }: Attempt): string | null =>
  services.length > 1 ? services.map((names) => names.join(', ')).join(' → ') : null;

/** What an operator wants to know first: what was asked, how it ended, how long it took, what it used. */
export const renderHeader = (reqId: string, attempt: Attempt): Line[] => {
  const tokens = tokenText(attempt);
  const services = servicesText(attempt);
  const what = `${attempt.method ?? ''} ${attempt.route ?? ''}`.trim();
  const request = spaced(
    [
      what ? plain(what) : null,
      attempt.mode && plain(attempt.mode),
      attempt.model && plain(attempt.model),
    ].map((part) => part || null),
  );
  return [
    headline(reqId, attempt),
    ...(request.length > 0 ? [row('request', request)] : []),
    ...(services === null ? [] : [row('services', [plain(services)])]),
    row('trace', [plain(attempt.traceId ?? 'unknown')]),
    row('started', [plain(isoTime(attempt.startNs))]),
    ...(tokens === null ? [] : [row('tokens', [plain(tokens)])]),
  ];
};
