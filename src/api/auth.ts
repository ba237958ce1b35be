import { GraphQLError } from 'graphql';
import type { AuthCheckerFn } from 'type-graphql';
import type { ApiContext } from './context.js';

/** What a token allows: VIEWER reads, OPERATOR changes the topology, ADMIN also forces and changes settings. */
export const ROLES = ['VIEWER', 'OPERATOR', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks; `name` is written into the change feed as the actor. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
  /** When the right to ask ends; null for never. */
  readonly expiresAt: Date | null;
}

export function allows(caller: Caller, needed: Role): boolean {
  return ROLES.indexOf(caller.role) >= ROLES.indexOf(needed);
}

/** type-graphql asks this before a resolver runs and before a subscription's source starts. */
export const authChecker: AuthCheckerFn<ApiContext, Role> = ({ context }, roles) => {
  for (const role of roles.length > 0 ? roles : (['VIEWER'] as const)) requireRole(context.caller, role);
  return true;
};

export function requireRole(caller: Caller, needed: Role): void {
  if (allows(caller, needed)) return;
  throw new GraphQLError(`This needs the role ${needed}; the token "${caller.name}" has ${caller.role}.`, {
    extensions: { code: 'FORBIDDEN' },
  });
}
