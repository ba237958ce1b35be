// Written by generate.mjs.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All problems in a word: it follows from the worst severity. */
export type Health =
  /** No problem is known. */
  | 'OK'
  /** Everything that clients use works, and at least one WARNING is known. */
  | 'DEGRADED'
  /** Something that clients or operators use does not work: a CRITICAL problem is known. */
  | 'DOWN';

export type WhoLeadsQueryVariables = Exact<{ [key: string]: never; }>;


export type WhoLeadsQuery = { cluster: { name: string, health: Health, leader: { name: string } | null } };

export type SlotsOfGroupQueryVariables = Exact<{
  number: number;
}>;


export type SlotsOfGroupQuery = { group: { slotCount: number, servers: Array<{ address: string, reachable: boolean }> } | null };

async function ask<T>(url: string, query: string, variables: object): Promise<T> {
  const answer = await fetch(new URL('/graphql', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { data?: T; errors?: { message: string }[] };
  if (errors || !data) throw new Error(errors?.map(({ message }) => message).join(' ') ?? 'No data came.');
  return data;
}

export function whoLeads(url: string, variables: WhoLeadsQueryVariables): Promise<WhoLeadsQuery> {
  return ask(url, "query whoLeads {\n  cluster {\n    name\n    health\n    leader {\n      name\n    }\n  }\n}", variables);
}

export function slotsOfGroup(url: string, variables: SlotsOfGroupQueryVariables): Promise<SlotsOfGroupQuery> {
  return ask(url, "query slotsOfGroup($number: Int!) {\n  group(number: $number) {\n    slotCount\n    servers {\n      address\n      reachable\n    }\n  }\n}", variables);
}
