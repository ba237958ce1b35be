import { z } from 'zod';
import { parseAddress } from '../../common/address.js';
import { SLOT_COUNT } from '../../redis/slots.js';
import { MAX_GROUP_NUMBER } from '../../redis/topology/group-changes.js';

/* What the fields of several inputs hold. */

/** How the `expectedRevision` of what must exist is described. */
export const EXPECTED = {
  nullable: true,
  description: "Refused with CONFLICT unless the object's revision is this one.",
} as const;

/** How the `expectedRevision` of what may be made anew is described. */
export const EXPECTED_OR_NONE = {
  nullable: true,
  description: "Refused with CONFLICT unless the object's revision is this one; 0: unless there is none.",
} as const;

/** How the `idempotencyKey` of what starts work, or adds something, is described. */
export const IDEMPOTENCY_KEY = {
  nullable: true,
  description:
    'Any text, unlike those of all other changes. Within 24 hours, a request with the same key and the same input changes nothing ' +
    'more and is answered as the first one that was not refused; with another input it is refused with CONFLICT.',
} as const;

export const idempotencyKey = z
  .string()
  .min(1, 'An idempotencyKey is not empty.')
  .max(200, 'An idempotencyKey has at most 200 characters.');

/** A server that has had many sources tells of some hundred kilobytes; the coordinator takes no more. */
export const gtidSet = z.string().max(600_000);

export const groupNumber = z
  .number()
  .int()
  .min(1, `A group's number is from 1 to ${MAX_GROUP_NUMBER}.`)
  .max(MAX_GROUP_NUMBER, `A group's number is from 1 to ${MAX_GROUP_NUMBER}.`);

export const slotNumber = z
  .number()
  .int()
  .min(0, `A slot's number is from 0 to ${SLOT_COUNT - 1}.`)
  .max(SLOT_COUNT - 1, `A slot's number is from 0 to ${SLOT_COUNT - 1}.`);

export const serverAddress = z
  .string()
  .refine((text) => parseAddress(text) !== undefined, 'An address is of the form HOST:PORT.');

export const label = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'Letters, digits, dots, dashes and underscores only, at most 63.',
  );

export const password = z
  .string()
  .min(1, 'A password is not empty; leave it out when there is none.')
  .max(1_024);

export const revision = z.bigint().min(0n, 'A revision is not negative.');

export const user = z.string().min(1, 'A user has a name.').max(128);

/** 32 bits: as replication protocols carry it. */
export const serverId = z
  .bigint()
  .min(1n, 'A server id is from 1 to 4294967295.')
  .max(2n ** 32n - 1n, 'A server id is from 1 to 4294967295.');

export const uuid = z
  .string()
  .regex(
    /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
    'A UUID is of the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, in hexadecimal digits.',
  );
