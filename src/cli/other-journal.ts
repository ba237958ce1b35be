import { z } from 'zod';
import { QuorateError } from '../common/errors.js';
import type { OtherJournal } from '../binlog/journal/compare.js';
import { askJson } from '../app/ask-json.js';
import { CHECKSUM_PATH, SEGMENTS_PATH } from '../app/member-calls.js';

/** A segment is read from end to end meanwhile. */
const TIMEOUT_MS = 300_000;

const segmentsAnswer = z.array(
  z.object({
    name: z.string().regex(/^(quorate-)?binlog\.\d+$/),
    startOffset: z.number(),
    bytes: z.number(),
  }),
);
const checksumAnswer = z.object({ sha256: z.string() });

/**
 * The journal of a running member, asked over HTTP.
 *
 * @param url of the member's API
 * @param token with the role ADMIN, when tokens are configured there
 */
export function journalOfMember(url: string, token: string | undefined): OtherJournal {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new QuorateError(
      'CONFIG',
      `--against takes a member's URL, such as http://10.0.0.11:4000, not "${url}".`,
    );
  const ask = async <T>(path: string, query: Record<string, string>, shape: z.ZodType<T>): Promise<T> => {
    const asked = new URL(path, url);
    for (const [name, value] of Object.entries(query)) asked.searchParams.set(name, value);
    const answer = shape.safeParse(await askJson(asked, { token, timeoutMs: TIMEOUT_MS }));
    if (answer.success) return answer.data;
    throw new QuorateError('UNREACHABLE', `What answers at ${url} is no member of this version.`, {
      cause: answer.error,
    });
  };
  return {
    segments: () => ask(SEGMENTS_PATH, {}, segmentsAnswer),
    async checksum(name, from, to) {
      return (await ask(CHECKSUM_PATH, { name, from: String(from), to: String(to) }, checksumAnswer)).sha256;
    },
  };
}
