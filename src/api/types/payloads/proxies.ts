import { Field, ObjectType } from 'type-graphql';
import { Payload } from '../payload.js';
import { Proxy } from '../proxy.js';

/** The answer to a change of a proxy. */
@ObjectType({ implements: Payload })
export abstract class ProxyChange extends Payload {
  @Field(() => Proxy, { nullable: true, description: 'The proxy as it is now; null when there is none.' })
  proxy!: Proxy | null;
}

@ObjectType({ description: 'The result of a change of what a proxy is to do.' })
export class SetProxyStatePayload extends ProxyChange {}

@ObjectType({ description: 'The result of removing a proxy.' })
export class RemoveProxyPayload extends ProxyChange {}
