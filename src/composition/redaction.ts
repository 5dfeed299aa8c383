import { type Config, ConfigError } from '../config/index.ts';
// Not by way of `telemetry/index.ts`: who only logs needs no OpenTelemetry.
import { type CapturePolicy, capturePolicy } from '../telemetry/policy/index.ts';
import { type RuleSources, readRedactFile } from '../telemetry/sanitize/redact-file.ts';
import { createSanitizer } from '../telemetry/sanitize.ts';

/** What may leave this process, the sanitizer before it included, and what a backend of ours needs to make the same one. */
export interface Redaction {
  readonly policy: CapturePolicy;
  /** The operator's rules; null where there are none. */
  readonly sources: RuleSources | null;
  /** For the start line. */
  readonly description: string;
}

const count = (list: readonly string[], what: string): string =>
  `${list.length} ${what}${list.length === 1 ? '' : 's'}`;

/**
 * Makes the sanitizer with the rules of the file that the configuration names.
 *
 * @throws ConfigError that says where in the file the first wrong thing stands
 */
export const loadRedaction = async (
  config: Pick<Config, 'redactFile' | 'capture' | 'apiKeys'>,
): Promise<Redaction> => {
  const redaction = await readRules(config);
  redaction.policy.sanitizer.keepSecrets(config.apiKeys.map(({ key }) => key));
  return redaction;
};

const readRules = async ({
  redactFile,
  capture,
}: Pick<Config, 'redactFile' | 'capture'>): Promise<Redaction> => {
  if (redactFile === null)
    return {
      policy: capturePolicy(capture, createSanitizer()),
      sources: null,
      description: 'built-in rules',
    };
  const { sources, rules } = await readRedactFile(redactFile).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError('PROXY_REDACT_FILE', redactFile, reason);
  });
  return {
    policy: capturePolicy(capture, createSanitizer(rules)),
    sources,
    description: `built-in rules, ${count(sources.keys, 'key')} and ${count(sources.patterns, 'pattern')} of ${redactFile}`,
  };
};
