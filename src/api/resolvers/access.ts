import { Authorized, Ctx, Query, Resolver } from 'type-graphql';
import type { ApiContext } from '../context.js';
import { presentTokens } from '../present/tokens.js';
import { Token, Viewer } from '../types/access.js';

@Resolver()
export class AccessQueries {
  @Authorized('VIEWER')
  @Query(() => Viewer, { description: 'Whoever asks, and what they may do.' })
  viewer(@Ctx() { caller }: ApiContext): Viewer {
    return { ...caller };
  }

  @Authorized('ADMIN')
  @Query(() => [Token], {
    description:
      "The tokens of the answering member's file, by name; none when it is open to this machine only.",
  })
  tokens(@Ctx() { services }: ApiContext): Token[] {
    return presentTokens(services);
  }
}
