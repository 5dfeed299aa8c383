import { z } from 'zod';

/** A schema with its name, as both APIs describe it, in different places. */
export const schemaFields = {
  name: z.string().regex(/^[\w-]{1,64}$/),
  schema: z.record(z.string(), z.unknown()),
  description: z.string().nullish(),
  strict: z.boolean().nullish(),
};
const namedSchema = z.object(schemaFields);

/** What an answer may be; `fields` are those of the type `json_schema`. */
export const outputFormat = <Fields extends z.ZodRawShape>(fields: Fields) =>
  z.discriminatedUnion(
    'type',
    [
      z.looseObject({ type: z.literal('text') }),
      z.looseObject({ type: z.literal('json_object') }),
      z.looseObject({ type: z.literal('json_schema'), ...fields }),
    ],
    { error: "must be of type 'text', 'json_schema' or 'json_object'" },
  );

/** The schema with what is said of it, since a backend takes the schema alone. */
export const describedSchema = ({ schema, description }: z.infer<typeof namedSchema>): unknown =>
  description == null ? schema : { description, ...schema };

/** What is said of a schema and has no effect: it goes to the model as `strict` in any case. */
export const ignoredOfSchema = ({ strict }: z.infer<typeof namedSchema>, place: string): string[] =>
  strict === false ? [`${place}.strict`] : [];
