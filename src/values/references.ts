import { type References, referencesOf } from '../schema/references.ts';
import { type ValuesSchema, valuesSchema } from '../schema/parse.ts';
import { Values } from './values.ts';

/** The zod schema, the JSON schema that follows from it and the defaults. */
export const schema: ValuesSchema = valuesSchema(Values);

/** `values.backend.url` stands for `.Values.backend.url`. */
export const values: References<Values> = referencesOf<Values>(schema.json);
