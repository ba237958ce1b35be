import { z } from 'zod';
import { Collection } from '../collection.js';

const memberRole = z.enum(['VOTER', 'LEARNER']);

/** A member, whether it runs or not. */
export const membershipEntry = z.object({
  name: z.string(),
  /** The id of its data directory; null until a process of that name has come for the first time. */
  id: z.string().nullable(),
  role: memberRole,
  /** Where the other members reach its journal, and its API. */
  peerUrls: z.array(z.string()),
  adminUrls: z.array(z.string()),
  addedAt: z.string(),
  /** The operation that shows how it joins; null for the first one. */
  operation: z.string().nullable(),
});
export type MembershipEntry = z.infer<typeof membershipEntry>;

/** Who belongs to the cluster: one record, so that it changes as a whole and a transaction can depend on it. */
export const membershipRecord = z.object({
  members: z.array(membershipEntry),
  /** Those that are not to come back with the data that they have. */
  removed: z.array(z.object({ name: z.string(), id: z.string().nullable(), removedAt: z.string() })),
});
export type MembershipRecord = z.infer<typeof membershipRecord>;

export const membershipCollections = {
  membership: new Collection<MembershipRecord>('membership/', membershipRecord),
};

export const MEMBERSHIP_ID = 'record';
export const MEMBERSHIP_KEY = membershipCollections.membership.key(MEMBERSHIP_ID);
