import type {
  CodexErrorCode,
  CodexErrorInfo,
  CodexHttpErrorCode,
} from '../../../app-server-protocol/index.ts';

export type EchoErrorCode = CodexErrorCode | CodexHttpErrorCode;

/** Records, so that the compiler says when the protocol's list grows. */
const PLAIN: Record<CodexErrorCode, true> = {
  contextWindowExceeded: true,
  sessionBudgetExceeded: true,
  usageLimitExceeded: true,
  rateLimitExceeded: true,
  flexUnavailable: true,
  serverOverloaded: true,
  modelNotFound: true,
  policyCapacityUnavailable: true,
  inferenceHookDenied: true,
  cyberPolicy: true,
  misalignmentPolicyViolation: true,
  tooManyDenials: true,
  internalServerError: true,
  unauthorized: true,
  badRequest: true,
  threadRollbackFailed: true,
  sandboxError: true,
  other: true,
};

const WITH_STATUS: Record<CodexHttpErrorCode, true> = {
  httpConnectionFailed: true,
  responseStreamConnectionFailed: true,
  responseStreamDisconnected: true,
  responseTooManyFailedAttempts: true,
};

const isPlain = (code: string): code is CodexErrorCode => Object.hasOwn(PLAIN, code);
const hasStatus = (code: string): code is CodexHttpErrorCode => Object.hasOwn(WITH_STATUS, code);

export const readErrorCode = (word: string): EchoErrorCode | undefined =>
  isPlain(word) || hasStatus(word) ? word : undefined;

/** The `codexErrorInfo` of a code; the status goes with the codes that carry one. */
export const toErrorInfo = (code: EchoErrorCode, httpStatusCode: number | null): CodexErrorInfo =>
  hasStatus(code) ? { [code]: { httpStatusCode } } : code;
