import { GraphQLError } from 'graphql';

/** What a token allows: VIEWER reads, OPERATOR changes the topology, ADMIN also forces and changes settings. */
export const ROLES = ['VIEWER', 'OPERATOR', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

/** The caller; `name` is written into the action feed as the actor. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
  /** When the right to ask ends; null for never. */
  readonly expiresAt: Date | null;
}

export function allows(caller: Caller, needed: Role): boolean {
  return ROLES.indexOf(caller.role) >= ROLES.indexOf(needed);
}

export function requireRole(caller: Caller, needed: Role): void {
  if (allows(caller, needed)) return;
  throw new GraphQLError(`This needs the role ${needed}; the token "${caller.name}" has ${caller.role}.`, {
    extensions: { code: 'FORBIDDEN' },
  });
}
