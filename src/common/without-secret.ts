/** A shorter one stands in words of which it is no part. */
const TELLING_CHARACTERS = 8;

/**
 * A message without a secret that it may repeat: Redis quotes the arguments of a command that it does not
 * know, which on a server that has renamed CONFIG or MIGRATE are ours, passwords included. Within a word a short one is left: there
 * nobody can tell it from the word, and without it the word cannot be read.
 */
export function withoutSecret(message: string, secret: string | null): string {
  if (secret === null || secret === '') return message;
  if (secret.length >= TELLING_CHARACTERS || !/^\w+$/.test(secret)) return message.replaceAll(secret, '***');
  return message.replaceAll(new RegExp(`(?<!\\w)${secret}(?!\\w)`, 'g'), '***');
}
