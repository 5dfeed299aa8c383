import type { ModelRequest } from '../model.ts';
import type { Conversation } from './conversation.ts';
import { sampleOf } from './schema-sample.ts';
import { countTokens } from './tokens.ts';

const plural = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;

const circumstances = ({ earlier, images }: Conversation, instructions: string): string => {
  const parts = [
    ...(earlier > 0 ? [`after ${plural(earlier, 'earlier message')}`] : []),
    ...(images > 0 ? [`with ${plural(images, 'image')}`] : []),
    ...(instructions ? [`with ${plural(countTokens(instructions), 'word')} of instructions`] : []),
  ];
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
};

/** What the echo model says unless it is told: the prompt back, or what its tools gave; JSON where a schema asks for it. */
export const defaultAnswer = (request: ModelRequest, conversation: Conversation, prompt: string): string => {
  if (request.outputSchema) return JSON.stringify(sampleOf(request.outputSchema, prompt));
  const { results } = conversation;
  const around = circumstances(conversation, request.instructions);
  if (results.length > 0) {
    return `${results.map(({ name, output }) => `The tool ${name} answered: ${output}`).join('\n')}${around}`;
  }
  return prompt.trim() === '' ? `You said nothing${around}` : `You said: ${prompt.trim()}${around}`;
};
