import { requireRole, type Caller } from '../auth.js';

const conditions = new Map<unknown, (input: object) => boolean>();

/**
 * Says which values of an input class only an ADMIN may give, whatever role the mutation itself asks for. They are
 * refused before the input is checked: whoever may not do it learns nothing of what is wrong with it.
 */
export function adminOnly<T extends object>(input: new () => T, when: (value: T) => boolean): void {
  conditions.set(input, when as (value: object) => boolean);
}

/**
 * @param value of the argument, an instance of `type` when that is a class of ours
 * @throws GraphQLError with the code FORBIDDEN when the caller may not give this value
 */
export function requireAdminIfNeeded(value: unknown, type: unknown, caller: Caller): void {
  const isNeeded = conditions.get(type);
  if (isNeeded && typeof value === 'object' && value !== null && isNeeded(value))
    requireRole(caller, 'ADMIN');
}
