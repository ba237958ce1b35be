import { Field, ID } from 'type-graphql';
import { z } from 'zod';
import { MOVE_SPEEDS } from '../../redis/topology/records.js';
import { MoveSpeed } from '../types/redis.js';
import { IDEMPOTENCY_KEY, idempotencyKey } from './values.js';

/** The fields that every input of a move of slots has, whichever slots it names. */
export abstract class MoveOptions {
  dryRun!: boolean;
  discardAtTarget!: boolean;
  speed!: keyof typeof MoveSpeed;
  idempotencyKey?: string | null;
}

/** Declares the fields of {@link MoveOptions} behind those of the class. Inherited fields would come before them. */
export function endsWithMoveOptions({ prototype }: new () => MoveOptions): void {
  Field(() => Boolean, {
    defaultValue: false,
    description:
      'Only say what would move. A key of our own is sent there as a rehearsal, as before the move itself.',
  })(prototype, 'dryRun');
  Field(() => Boolean, {
    defaultValue: false,
    description:
      'Removes keys of these slots that their target holds already, from another life of it, before the slots set out. ' +
      'Otherwise the move stops there. Needs the role ADMIN.',
  })(prototype, 'discardAtTarget');
  Field(() => MoveSpeed, {
    defaultValue: MoveSpeed.GENTLE,
    description: 'Whether the move holds back for the clients of its source.',
  })(prototype, 'speed');
  Field(() => ID, IDEMPOTENCY_KEY)(prototype, 'idempotencyKey');
}

/** GraphQL fills in no default of a field when the whole input is left out: hence the defaults again. */
export const moveOptions = {
  dryRun: z.boolean().default(false),
  discardAtTarget: z.boolean().default(false),
  speed: z.enum(MOVE_SPEEDS).default('GENTLE'),
  idempotencyKey: idempotencyKey.nullish(),
};
