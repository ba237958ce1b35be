export interface Linked {
  readonly query: string;
  readonly variables: string;
}

/** What a link of the dashboard has brought: it stands behind the `#`, which no server is sent. */
export function linkedOperation(hash: string): Linked | null {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const query = params.get('query');
  return query === null ? null : { query, variables: params.get('variables') ?? '' };
}
