import type { ActionSpec, FieldSpec, Input } from './action.js';

export type Values = Readonly<Record<string, string | boolean>>;

export function initialValues(fields: readonly FieldSpec[]): Values {
  return Object.fromEntries(
    fields.map(({ name, initial, kind }) => [name, initial ?? (kind === 'check' ? false : '')]),
  );
}

/** The mutation's input: what is fixed, and what was filled in; what was left empty is left out. */
export function inputOf({ fields, fixed = {} }: ActionSpec, values: Values): Input {
  const input: Record<string, unknown> = { ...fixed };
  for (const field of fields) {
    const value = valueOf(field, values[field.name] ?? '');
    if (value !== undefined) put(input, field.name.split('.'), value);
    else if (field.isNullable) put(input, field.name.split('.'), null);
  }
  return input;
}

/** The same without what is secret, to be shown and copied. */
export function withoutSecrets({ fields }: ActionSpec, input: Input): Input {
  const shown = structuredClone(input) as Record<string, unknown>;
  for (const { name, kind } of fields)
    if (kind === 'password' && name in shown) shown[name] = 'PUT THE PASSWORD HERE';
  return shown;
}

function valueOf({ kind, isNumber }: FieldSpec, value: string | boolean): unknown {
  if (typeof value === 'boolean') return value || undefined;
  if (kind === 'password') return value === '' ? undefined : value;
  const text = value.trim();
  if (text === '') return undefined;
  if (kind === 'number' || isNumber) return Number(text);
  if (kind === 'lines') return text.split(/[\s,]+/);
  if (kind === 'time') return new Date(text).toISOString();
  return text;
}

function put(target: Record<string, unknown>, [first = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) target[first] = value;
  else put((target[first] ??= {}) as Record<string, unknown>, rest, value);
}
