import { getMetadataStorage } from 'type-graphql';

/**
 * Puts the arguments of every field in the order in which its method declares them. Decorators of parameters run from the
 * last to the first, and type-graphql takes the arguments as they come. Called before the schema is built.
 */
export function orderArguments(): void {
  getMetadataStorage().params.sort((a, b) => a.index - b.index);
}
