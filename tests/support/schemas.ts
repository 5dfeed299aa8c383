import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';

type SchemaName = 'mirror-line' | 'usage-record' | 'access-line';

const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });
const validators = new Map<SchemaName, ValidateFunction>();

const validator = (name: SchemaName): ValidateFunction => {
  const known = validators.get(name);
  if (known) return known;
  const url = new URL(`../../schemas/${name}.schema.json`, import.meta.url);
  const compiled = ajv.compile(JSON.parse(readFileSync(url, 'utf8')));
  validators.set(name, compiled);
  return compiled;
};

/** What the schema finds wrong with these values, each complaint with the value; empty when all are valid. */
export const complaints = (name: SchemaName, values: readonly unknown[]): string[] => {
  const validate = validator(name);
  return values.flatMap((value) =>
    validate(value) ? [] : [`${ajv.errorsText(validate.errors)} in ${JSON.stringify(value).slice(0, 300)}`],
  );
};
