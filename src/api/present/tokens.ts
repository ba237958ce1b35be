import type { Services, TokenAccount } from '../context.js';
import { Token } from '../types/access.js';

/** The tokens of the answering member, as its file lists them. */
export function presentTokens(services: Services): Token[] {
  return services.tokens().map(presentToken);
}

function presentToken({ name, role, expiresAt, createdAt }: TokenAccount): Token {
  return Object.assign(new Token(), {
    id: `token/${name}`,
    name,
    role,
    expiresAt,
    createdAt,
  } satisfies Token);
}
