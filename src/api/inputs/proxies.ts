import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import { ProxyState } from '../types/proxy.js';
import { adminOnly } from './admin-only.js';
import { checkedBy } from './validate.js';
import { label } from './values.js';

@InputType({ description: 'The state that a proxy is to have.' })
export class SetProxyStateInput {
  @Field(() => String, { description: 'Name of the proxy.' })
  name!: string;

  @Field(() => ProxyState, {
    description:
      'ONLINE: serve. OFFLINE: stop serving; the mutation waits until the proxy has. MARK_OFFLINE: the same without waiting. ' +
      'FENCED: cut it off from every server; it must be out of touch with the coordinator, and the role ADMIN is needed.',
  })
  state!: 'ONLINE' | 'OFFLINE' | 'MARK_OFFLINE' | 'FENCED';
}
adminOnly(SetProxyStateInput, ({ state }) => state === 'FENCED');
checkedBy(
  SetProxyStateInput,
  z.object({
    name: label,
    state: z.enum(['ONLINE', 'OFFLINE', 'MARK_OFFLINE', 'FENCED'], {
      error: 'A proxy can be set ONLINE, OFFLINE, MARK_OFFLINE or FENCED.',
    }),
  }),
);

@InputType({ description: 'A proxy to forget.' })
export class RemoveProxyInput {
  @Field(() => String, { description: 'Name of the proxy.' })
  name!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Fence it first, whether it answers or not. Needs the role ADMIN.',
  })
  force!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'With force: leave out servers that cannot be asked to cut its connections. End its process for certain first: ' +
      'what it still changes there is lost.',
  })
  acceptDataLoss!: boolean;
}
adminOnly(RemoveProxyInput, ({ force }) => force);
checkedBy(RemoveProxyInput, z.object({ name: label, force: z.boolean(), acceptDataLoss: z.boolean() }));
