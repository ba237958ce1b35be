import type { AuthCheckerFn } from 'type-graphql';
import { requireRole, type Role } from './auth.js';
import type { ApiContext } from './context.js';

/** type-graphql asks this before a resolver runs and before a subscription's source starts. */
export const authChecker: AuthCheckerFn<ApiContext, Role> = ({ context }, roles) => {
  for (const role of roles.length > 0 ? roles : (['VIEWER'] as const)) requireRole(context.caller, role);
  return true;
};
