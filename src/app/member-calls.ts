import { z } from 'zod';
import { QuorateError } from '../common/errors.js';
import type { Caller } from '../api/auth.js';
import { committedChecksum, committedParts } from '../binlog/journal/segment-checksum.js';
import type { BinlogService } from '../binlog/member/binlog-service.js';
import type { MemberCalls } from '../binlog/member/member-watch.js';
import type { MembershipEntry } from '../cluster/membership/records.js';
import type { Authenticator } from '../http/authenticator.js';
import type { MemberEndpoint } from '../http/member-endpoints.js';
import { MEMBER_CALLER } from '../http/proxy-admin.js';
import { askJson } from './ask-json.js';

const ASK_TIMEOUT_MS = 2_000;

const REPORT_PATH = '/internal/binlog';
const DISCONNECT_PATH = '/internal/binlog/disconnect';
export const SEGMENTS_PATH = '/internal/journal/segments';
export const CHECKSUM_PATH = '/internal/journal/checksum';

/** As whom a leader changes something at another member. */
const LEADING_CALLER: Caller = Object.freeze({ name: 'member', role: 'OPERATOR', expiresAt: null });

const slaveInput = z.object({ server: z.string(), connectionId: z.number() });
const rangeInput = z.object({
  name: z.string(),
  from: z.coerce.number().int().nonnegative(),
  to: z.coerce.number().int().nonnegative(),
});

/** Asks other members at their admin URLs, as one of the cluster. */
export function callsOverHttp(authenticator: Authenticator): MemberCalls {
  const ask = async (member: MembershipEntry, path: string, caller: Caller, body?: unknown) =>
    askJson(urlOf(member, path), {
      token: await authenticator.signForwarded(caller),
      timeoutMs: ASK_TIMEOUT_MS,
      body,
    });
  return {
    report: (member) => ask(member, REPORT_PATH, MEMBER_CALLER),
    async disconnect(member, server, connectionId) {
      const answer = await ask(member, DISCONNECT_PATH, LEADING_CALLER, { server, connectionId });
      return z.object({ found: z.boolean() }).parse(answer).found;
    },
  };
}

/** And what each of them answers. */
export function answersOf(binlog: BinlogService): MemberEndpoint[] {
  return [
    {
      ...{ method: 'GET', path: REPORT_PATH, role: 'VIEWER' },
      answer: () => binlog.report(),
    },
    {
      ...{ method: 'POST', path: DISCONNECT_PATH, role: 'OPERATOR' },
      answer(body) {
        const { server, connectionId } = slaveInput.parse(body);
        return { found: binlog.disconnectHere(server, connectionId) };
      },
    },
    {
      ...{ method: 'GET', path: SEGMENTS_PATH, role: 'ADMIN' },
      answer: () => committedParts(binlog.openJournal()),
    },
    {
      ...{ method: 'GET', path: CHECKSUM_PATH, role: 'ADMIN' },
      async answer(query) {
        const { name, from, to } = rangeInput.parse(query);
        return { sha256: await committedChecksum(binlog.openJournal(), name, from, to) };
      },
    },
  ];
}

function urlOf({ name, adminUrls }: MembershipEntry, path: string): URL {
  const [base] = adminUrls;
  if (base === undefined) throw new QuorateError('UNREACHABLE', `Member ${name} has no admin URL.`);
  return new URL(path, base);
}
