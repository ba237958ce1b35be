import { Field, ObjectType, registerEnumType } from 'type-graphql';
import type { Role as RoleName } from '../auth.js';
import { DateTimeScalar } from '../scalars.js';
import { Node } from './node.js';

export const Role = Object.freeze({ VIEWER: 'VIEWER', OPERATOR: 'OPERATOR', ADMIN: 'ADMIN' } as const);
registerEnumType(Role, {
  name: 'Role',
  description: 'The rights of a token; each role includes those before it.',
  valuesConfig: {
    VIEWER: { description: 'To read and to subscribe.' },
    OPERATOR: { description: 'To change things.' },
    ADMIN: { description: 'To force, to fence, to purge what is still needed, and to see who has tokens.' },
  },
});

const NAME = { description: 'The name of the token, written into the action feed; `local` without tokens.' };
const ROLE = { description: 'The role of the caller or the token: what it allows.' };
const EXPIRES_AT = { nullable: true, description: 'The time at which the token ends; null: never.' };

@ObjectType({ description: 'Whoever asks.' })
export class Viewer {
  @Field(() => String, NAME)
  name!: string;

  @Field(() => Role, ROLE)
  role!: RoleName;

  @Field(() => DateTimeScalar, EXPIRES_AT)
  expiresAt!: Date | null;
}

@ObjectType({
  implements: Node,
  description: 'A token of the answering member, without what is secret of it.',
})
export class Token extends Node {
  @Field(() => String, NAME)
  name!: string;

  @Field(() => Role, ROLE)
  role!: RoleName;

  @Field(() => DateTimeScalar, EXPIRES_AT)
  expiresAt!: Date | null;

  @Field(() => DateTimeScalar, { description: 'The time at which it was made.' })
  createdAt!: Date;
}
