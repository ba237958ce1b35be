import { REPL } from '../mysql/accounts.js';
import type { MysqlServer } from '../mysql/server.js';
import type { GraphqlAnswer, QuorateMember } from '../quorate.js';

export const OUR_UUID = '0000c0de-0000-4000-8000-00000000000a';
export const OUR_ID = '4000100';

/** Not found by accident in any text. */
export const SLAVE_PASSWORD = 'slave-secret-71d0';

export interface SyncerState {
  readonly state: string;
  readonly stateReason: string | null;
  readonly sourceAddress: string | null;
  readonly executedGtidSet: string | null;
  readonly purgedGtidSet: string | null;
  readonly flavour: string | null;
  readonly revision: string | null;
}

export interface UserError {
  readonly code: string;
  readonly path: readonly string[];
  readonly message: string;
}

export interface SyncerPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly proposal: { readonly id: string } | null;
  readonly syncer: SyncerState;
}

const SYNCER = 'state stateReason sourceAddress executedGtidSet purgedGtidSet flavour revision';
const SYNCER_PAYLOAD = `userErrors { code path message } revision proposal { id } syncer { ${SYNCER} }`;

export function sourceInput(source: Pick<MysqlServer, 'address'>, changes: Record<string, unknown> = {}) {
  return {
    ...{ serverId: OUR_ID, serverUuid: OUR_UUID, sourceAddress: source.address, ...REPL },
    ...changes,
  };
}

export function slaveAccount(name: string, port: number) {
  return { name, address: `127.0.0.1:${port}`, user: 'slave', password: SLAVE_PASSWORD };
}

/** A mutation of the syncer; the payload, refused or not. */
export async function changeSyncer(
  member: QuorateMember,
  mutation: 'startSyncer' | 'stopSyncer' | 'switchSource',
  input: Record<string, unknown> = {},
): Promise<SyncerPayload> {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
  const text = `mutation ($input: ${type}!) { payload: ${mutation}(input: $input) { ${SYNCER_PAYLOAD} } }`;
  return payloadOf(await member.ask<{ payload: SyncerPayload }>(text, { input }));
}

/** Refused or not. */
function payloadOf<T>({ data, errors }: GraphqlAnswer<{ payload: T }>): T {
  if (!data) throw new Error(JSON.stringify(errors));
  return data.payload;
}

export interface SkipPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly consequence: string | null;
}

export async function skipTransaction(
  member: QuorateMember,
  input: Record<string, unknown>,
): Promise<SkipPayload> {
  const text = `mutation ($input: SkipTransactionInput!) {
    payload: skipTransaction(input: $input) { userErrors { code path message } revision consequence }
  }`;
  return payloadOf(await member.ask<{ payload: SkipPayload }>(text, { input }));
}

export interface RestartPayload {
  readonly userErrors: readonly UserError[];
  readonly revision: string | null;
  readonly discardedGtidSet: string | null;
  readonly aheadGtidSet: string | null;
  readonly missingGtidSet: string | null;
  readonly slaves: readonly { readonly serverId: string }[];
  readonly lostSlaves: readonly { readonly serverId: string }[];
  readonly folder: string | null;
}

export async function restartJournalAfter(
  member: QuorateMember,
  gtidSet: string,
  input: Record<string, unknown> = {},
): Promise<RestartPayload> {
  const text = `mutation ($input: RestartJournalAfterInput!) {
    payload: restartJournalAfter(input: $input) {
      userErrors { code path message } revision discardedGtidSet aheadGtidSet missingGtidSet
      slaves { serverId } lostSlaves { serverId } folder
    }
  }`;
  return payloadOf(await member.ask<{ payload: RestartPayload }>(text, { input: { gtidSet, ...input } }));
}

export async function syncerOf(member: QuorateMember): Promise<SyncerState> {
  return (await member.run<{ syncer: SyncerState }>(`{ syncer { ${SYNCER} } }`)).syncer;
}

/** Asks again until it is so. */
export async function untilSyncer(
  member: QuorateMember,
  isSo: (syncer: SyncerState) => boolean,
  timeoutMs = 30_000,
): Promise<SyncerState> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const syncer = await syncerOf(member);
    if (isSo(syncer)) return syncer;
    if (performance.now() > deadline) throw new Error(`It has not come about: ${JSON.stringify(syncer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Until all that the source has is committed. */
export async function untilCaughtUp(member: QuorateMember, source: MysqlServer): Promise<SyncerState> {
  const wanted = await source.gtidExecuted();
  return untilSyncer(member, ({ executedGtidSet }) => executedGtidSet?.replaceAll('\n', '') === wanted);
}
