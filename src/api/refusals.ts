import { RefusedError, type Field, type Refusal } from '../common/refused.js';

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
