/** `ai` 7: OpenAI's provider, which uses the Responses API, and the one for compatible servers, which uses Chat Completions. */
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import * as ai from 'ai';
import { z } from 'zod';
import { runAiSdk } from '../ai-sdk.mjs';
import { apiKey, baseURL, model, prompts } from '../report.mjs';

await runAiSdk({
  way: '`@ai-sdk/openai`',
  model: createOpenAI({ baseURL, apiKey })(model),
  ai,
  z,
  structured: prompts.structured,
});
await runAiSdk({
  way: '`@ai-sdk/openai-compatible`',
  model: createOpenAICompatible({ name: 'throughline', baseURL, apiKey })(model),
  ai,
  z,
  structured: prompts.json,
});
