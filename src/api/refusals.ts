import {
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { RefusedError, type Field, type Refusal } from '../common/refused.js';

/**
 * Lets every mutation answer a refusal, of its input or of a domain, with `userErrors`. All other fields of its payload
 * are null or empty then.
 *
 * @throws Error that names a field of a payload that can be neither
 */
export function answerRefusals(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve } = field;
    if (!resolve) throw new Error(`Nothing resolves the mutation ${field.name}.`);
    const nothing = emptyPayload(field.type);
    field.resolve = async (...call) => {
      try {
        return await resolve(...call);
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        return { ...nothing, userErrors: error.refusals.map(toUserError) };
      }
    };
  }
}

function emptyPayload(type: GraphQLOutputType): Record<string, unknown> {
  const payload = getNamedType(type);
  if (!isObjectType(payload)) throw new Error(`${payload.name} is no payload.`);
  const fields = Object.values(payload.getFields());
  return Object.fromEntries(
    fields.map((each) => [each.name, emptyValue(`${payload.name}.${each.name}`, each.type)]),
  );
}

function emptyValue(field: string, type: GraphQLOutputType): unknown {
  if (!isNonNullType(type)) return null;
  if (isListType(type.ofType)) return [];
  throw new Error(`${field} has no value for a mutation that was turned down: let it be null.`);
}

/**
 * A domain names its own parameter in a refusal. Here that becomes the way to it from the arguments of the mutation,
 * which all have one, `input`. The way is empty when the reason lies in the state.
 */
export function toUserError({ code, field, message }: Refusal) {
  return { code, path: field === null ? [] : ['input', ...wayTo(field)], message };
}

/**
 * Runs a change whose domain calls a parameter otherwise than the input does, and calls it in refusals as the input does.
 *
 * @param names of the domain's parameters, each with that of the input
 */
export async function withInputNames<T>(
  names: Readonly<Record<string, string>>,
  change: () => Promise<T>,
): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const refusals = error.refusals.map((refusal) => {
      const [first, ...rest] = refusal.field === null ? [] : wayTo(refusal.field);
      return first === undefined ? refusal : { ...refusal, field: [names[first] ?? first, ...rest] };
    });
    throw new RefusedError(refusals, { cause: error });
  }
}

function wayTo(field: Field): string[] {
  return [field].flat().map(String);
}
