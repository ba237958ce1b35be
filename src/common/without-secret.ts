/**
 * A message without a secret that it may repeat: Redis quotes the arguments of a command that it does not
 * know, which on a server that has renamed CONFIG or MIGRATE are ours, passwords included.
 */
export function withoutSecret(message: string, secret: string | null): string {
  return secret === null || secret === '' ? message : message.replaceAll(secret, '***');
}
