import { documents } from '../../../sdk/generated/documents.js';
import type { Input, MutationName } from './action.js';

export interface GraphqlText {
  readonly query: string;
  readonly variables: string;
}

/** A mutation as one would write it by hand, with its input as variables. */
export function asGraphql(method: MutationName, input: Input): GraphqlText {
  const type = /\$input:([\w!]+)/.exec(documents[method].text)?.[1] ?? '';
  const name = `${method[0]!.toUpperCase()}${method.slice(1)}`;
  const query = `mutation ${name}($input: ${type}) {
  ${method}(input: $input) {
    userErrors { code path message }
    revision
  }
}
`;
  return { query, variables: JSON.stringify({ input }, null, 2) };
}

/** Both, as one text. */
export function asText({ query, variables }: GraphqlText): string {
  return `${query}\n# Variables:\n${variables.replaceAll(/^/gm, '# ')}\n`;
}

/** The playground with both filled in: behind the `#`, which is never sent to a server. */
export function playgroundLink({ query, variables }: GraphqlText): string {
  return `/playground#${new URLSearchParams({ query, variables }).toString()}`;
}
