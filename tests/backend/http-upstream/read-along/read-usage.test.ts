import { createUsageReader } from '../../../../src/backend/http-upstream/read-along/read-usage.ts';

const usageOf = (value: unknown) => {
  const reader = createUsageReader();
  reader.take(value);
  return reader.usage;
};

test.each([1e308, 1e13, Number.POSITIVE_INFINITY, Number.NaN, -1, '5'])(
  '%p is no count of tokens',
  (count) => {
    expect(usageOf({ prompt_tokens: count, completion_tokens: 2 })).toMatchObject({
      input_tokens: 0,
      output_tokens: 2,
      total_tokens: 2,
    });
    expect(usageOf({ prompt_tokens: count })).toBeNull();
  },
);
