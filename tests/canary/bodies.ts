import type { Plant } from './planted.ts';

/** The fields of a body in which a client may write what it likes and whose request is served. */
type Body = Readonly<Record<string, unknown>>;

const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';

const schemaOf = (plant: Plant, place: string) => ({
  type: 'object',
  description: plant.text(`${place}.description`),
  properties: {
    [plant.word(`${place}.property`)]: {
      type: 'string',
      description: plant.text(`${place}.property.description`),
      enum: [plant.text(`${place}.enum`)],
    },
  },
});

/** Names the tool that the model is to call. */
export const toolIn = (plant: Plant, place: string) => {
  const name = plant.word(`${place}.name`);
  return {
    name,
    fields: { name, description: plant.text(`${place}.description`), parameters: schemaOf(plant, place) },
  };
};

const common = (plant: Plant, place: string): Body => ({
  user: plant.text(`${place}.user`),
  [plant.word(`${place}.unknown`)]: plant.text(`${place}.unknown.value`),
});

const commonOfTwo = (plant: Plant, place: string): Body => ({
  ...common(plant, place),
  safety_identifier: plant.word(`${place}.safety_identifier`),
  prompt_cache_key: plant.word(`${place}.prompt_cache_key`),
  prompt_cache_options: { note: plant.text(`${place}.prompt_cache_options`) },
  metadata: { [plant.word(`${place}.metadata.key`)]: plant.word(`${place}.metadata`) },
});

/** What is said before: of each role, of each kind of part, with a call and its result. */
const history = (plant: Plant, place: string): object[] => {
  const id = plant.word(`${place}.call.id`);
  return [
    { role: 'system', content: plant.text(`${place}.system`), name: plant.word(`${place}.system.name`) },
    { role: 'developer', content: [{ type: 'text', text: plant.text(`${place}.developer`) }] },
    ...plant.texts(`${place}.user`).map((content) => ({ role: 'user', content })),
    {
      role: 'assistant',
      content: plant.text(`${place}.assistant`),
      tool_calls: [
        {
          id,
          type: 'function',
          function: {
            name: plant.word(`${place}.call.name`),
            arguments: JSON.stringify({ note: plant.text(`${place}.call.arguments`) }),
          },
        },
      ],
    },
    { role: 'tool', tool_call_id: id, content: plant.text(`${place}.tool`) },
  ];
};

export const chatBody = (plant: Plant, model: string, place: string, prompt: string): Body => ({
  ...commonOfTwo(plant, place),
  model,
  prediction: { type: 'content', content: plant.text(`${place}.prediction`) },
  stop: [plant.word(`${place}.stop`)],
  tools: [{ type: 'function', function: toolIn(plant, `${place}.tools`).fields }],
  messages: [
    ...history(plant, `${place}.messages`),
    {
      role: 'user',
      content: [
        { type: 'text', text: `${plant.text(`${place}.prompt`)}\n${prompt}` },
        { type: 'image_url', image_url: { url: PIXEL } },
      ],
    },
  ],
});

export const completionBody = (plant: Plant, model: string, place: string, prompt: string): Body => ({
  ...common(plant, place),
  model,
  prompt: `${plant.text(`${place}.prompt`)}\n${prompt}`,
  stop: plant.word(`${place}.stop`),
});

const items = (plant: Plant, place: string): object[] => {
  const call_id = plant.word(`${place}.call.id`);
  const message = (role: string, type: string, text: string) => ({
    type: 'message',
    role,
    content: [{ type, text }],
  });
  return [
    message('system', 'input_text', plant.text(`${place}.system`)),
    ...plant.texts(`${place}.user`).map((text) => message('user', 'input_text', text)),
    message('assistant', 'output_text', plant.text(`${place}.assistant`)),
    {
      type: 'function_call',
      call_id,
      name: plant.word(`${place}.call.name`),
      arguments: JSON.stringify({ note: plant.text(`${place}.call.arguments`) }),
    },
    { type: 'function_call_output', call_id, output: plant.text(`${place}.output`) },
    { type: 'reasoning', id: plant.word(`${place}.reasoning.id`), summary: [] },
  ];
};

export const responsesBody = (plant: Plant, model: string, place: string, prompt: string): Body => ({
  ...commonOfTwo(plant, place),
  model,
  instructions: plant.text(`${place}.instructions`),
  access_programs: { note: plant.text(`${place}.access_programs`) },
  context_management: [{ type: plant.text(`${place}.context_management`) }],
  tools: [{ type: 'function', ...toolIn(plant, `${place}.tools`).fields }],
  input: [
    ...items(plant, `${place}.input`),
    {
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: `${plant.text(`${place}.prompt`)}\n${prompt}` }],
    },
  ],
});

/** An answer that has to fit a schema, whose names are the client's. */
export const schemaBody = (plant: Plant, model: string, place: string, prompt: string): Body => ({
  model,
  messages: [{ role: 'user', content: prompt === '' ? plant.text(`${place}.prompt`) : prompt }],
  response_format: {
    type: 'json_schema',
    json_schema: {
      name: 'answer',
      description: plant.text(`${place}.description`),
      schema: { ...schemaOf(plant, `${place}.schema`), additionalProperties: false },
    },
  },
});

/** Each API with its path. */
export const APIS = [
  { path: '/v1/chat/completions', body: chatBody },
  { path: '/v1/completions', body: completionBody },
  { path: '/v1/responses', body: responsesBody },
] as const;
