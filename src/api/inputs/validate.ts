import { getMetadataStorage } from 'type-graphql';
import type { z } from 'zod';
import { RefusedError, type Refusal } from '../../common/refused.js';

/** A caller mends the first of many like errors, and sees then what is left. */
const MAX_ISSUES = 10;

/** The type that zod yields for a class: an optional field may also be there and undefined. */
type Yielded<T> = { [K in keyof T]: Record<never, never> extends Pick<T, K> ? T[K] | undefined : T[K] };

/** A schema of an object. */
type InputSchema<T> = z.ZodType<T> & { readonly shape: Readonly<Record<string, unknown>> };

const schemas = new Map<unknown, InputSchema<object>>();

/**
 * Says how the values of an input class are checked. The schema lists every field of the class, and resolvers get what
 * the schema yields. {@link requireSchemas} refuses a class without one.
 */
export function checkedBy<T extends object>(input: new () => T, schema: InputSchema<Yielded<T>>): void {
  schemas.set(input, schema);
}

/**
 * Checks an argument before its resolver runs. An input of a class that has a schema is given what the schema yields.
 *
 * @param value of the argument, an instance of `type` when that is a class of ours
 * @throws RefusedError that lists what is wrong
 */
export function checkArgument(value: unknown, type: unknown): void {
  const schema = schemas.get(type);
  if (schema && value) Object.assign(value, validate(schema, value));
}

/** @throws Error that names an input class without a schema, or a field that its schema and its class do not share */
export function requireSchemas(): void {
  const { inputTypes } = getMetadataStorage();
  for (const { target, name } of inputTypes) {
    // A class that others extend is no input by itself.
    if (inputTypes.some((other) => other.target.prototype instanceof target)) continue;
    const schema = schemas.get(target);
    if (!schema) throw new Error(`Nothing checks ${name}: call checkedBy beside the class.`);
    const declaring = inputTypes.filter(
      (other) => other.target === target || target.prototype instanceof other.target,
    );
    const declared = new Set(declaring.flatMap(({ fields }) => (fields ?? []).map((field) => field.name)));
    const checked = new Set(Object.keys(schema.shape));
    for (const field of declared)
      if (!checked.has(field)) throw new Error(`Nothing checks ${name}.${field}.`);
    for (const field of checked) if (!declared.has(field)) throw new Error(`${name} has no field ${field}.`);
  }
}

/**
 * Checks what GraphQL's own types cannot say. Every violation becomes one refusal with its field; of more than ten, the
 * last refusal says how many there are.
 */
export function validate<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const { issues } = result.error;
  const refusals: Refusal[] = issues.slice(0, MAX_ISSUES).map((issue) => ({
    code: 'INVALID_INPUT',
    field: issue.path.map(String),
    message: issue.message,
  }));
  const more = issues.length - refusals.length;
  if (more > 0) {
    const message = `${more} more ${more === 1 ? 'value is' : 'values are'} invalid.`;
    refusals.push({ code: 'INVALID_INPUT', field: [], message });
  }
  throw new RefusedError(refusals);
}
