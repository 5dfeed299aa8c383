import type { Usage } from '../../../gateway/turn.ts';
import { isMembers, type Members, membersOf } from '../json-shapes.ts';

/** No answer has more tokens. Larger numbers would spoil sums, and are no integers for stores and collectors. */
const MAX_TOKENS = 1e12;

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= MAX_TOKENS;

/** The first of these members that is a count; null if none is. */
const countOf = (members: Members, ...names: readonly string[]): number | null => {
  for (const name of names) {
    const value = members[name];
    if (isCount(value)) return Math.trunc(value);
  }
  return null;
};

/** Token counts by any of the names that APIs and servers use; null if there are none. */
const readUsage = (value: unknown): Usage | null => {
  if (!isMembers(value)) return null;
  const input = countOf(value, 'prompt_tokens', 'input_tokens');
  const output = countOf(value, 'completion_tokens', 'output_tokens');
  const total = countOf(value, 'total_tokens');
  if (input === null && output === null && total === null) return null;
  const ofInput = membersOf(value['prompt_tokens_details'] ?? value['input_tokens_details']);
  const ofOutput = membersOf(value['completion_tokens_details'] ?? value['output_tokens_details']);
  return {
    input_tokens: input ?? 0,
    cached_input_tokens:
      countOf(ofInput, 'cached_tokens') ??
      countOf(value, 'prompt_cache_hit_tokens', 'cache_read_input_tokens', 'cached_tokens') ??
      0,
    cache_write_input_tokens:
      countOf(ofInput, 'cache_write_tokens', 'cache_creation_tokens') ??
      countOf(value, 'cache_creation_input_tokens') ??
      0,
    output_tokens: output ?? 0,
    reasoning_output_tokens: countOf(ofOutput, 'reasoning_tokens') ?? countOf(value, 'reasoning_tokens') ?? 0,
    total_tokens: total || (input ?? 0) + (output ?? 0),
  };
};

/** Keeps the last usage that is not zero: some servers send zeros first, some last. */
export const createUsageReader = () => {
  let told: Usage | null = null;
  return {
    /** Whether the value holds usage. */
    take(value: unknown): boolean {
      const usage = readUsage(value);
      if (usage && (usage.total_tokens > 0 || told === null)) told = usage;
      return usage !== null;
    },
    get usage() {
      return told;
    },
  };
};
