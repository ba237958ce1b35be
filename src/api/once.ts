import type { FirstChange } from '../cluster/idempotency.js';
import type { Claim, Proposed } from '../cluster/proposals.js';
import type { ApiContext } from './context.js';

interface Repeatable {
  readonly idempotencyKey?: string | null;
  readonly dryRun?: boolean;
}

interface How<T> {
  readonly change: (claim?: Claim) => Promise<T>;
  readonly again: (first: FirstChange) => T | Promise<T>;
  readonly stands?: (answer: unknown) => boolean;
}

/**
 * Makes the change of a mutation, once for its `idempotencyKey` if it has one. Every mutation has an input class of its
 * own, so the class says which mutation it is. A dry run changes nothing and uses no key.
 */
export function once<T>({ services, caller }: ApiContext, input: Repeatable, how: How<T>): Promise<T> {
  const { idempotencyKey: key, ...asked } = input;
  if (key == null || asked.dryRun === true) return how.change();
  const request = { key, actor: caller.name, input: [input.constructor.name, asked] };
  return services.idempotency.once(request, how);
}

/** The same for a change of which only its proposal is answered. */
export function proposeOnce(
  context: ApiContext,
  input: Repeatable,
  change: (claim?: Claim) => Promise<Proposed | null>,
): Promise<Proposed | null> {
  return once(context, input, { change, again: ({ proposed }) => proposed });
}
