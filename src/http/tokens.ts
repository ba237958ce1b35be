import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { z } from 'zod';
import { errorMessage, QuorateError } from '../common/errors.js';
import { parseYaml } from '../common/yaml.js';
import { ROLES, type Caller, type Role } from '../api/auth.js';
import type { TokenAccount } from '../api/context.js';

/** The tokens file cannot be used; it says why and what to do. */
export class TokensFileError extends QuorateError {
  constructor(file: string, message: string, cause?: unknown) {
    super('TOKENS_FILE', `The tokens file ${file} ${message}`, { cause });
  }
}

const tokenEntry = z.strictObject({
  name: z.string().min(1),
  role: z.enum(ROLES),
  /** Hex SHA-256 of the token. A token is 32 random bytes, so a slow hash would protect nothing more. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.string(),
  expiresAt: z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)), 'expected a time, e.g. 2027-01-31T00:00:00Z')
    .nullish(),
});
const tokensFile = z.strictObject({ tokens: z.array(tokenEntry) });
type TokenEntry = z.infer<typeof tokenEntry>;

/** The bearer tokens of a file, read again when it changes. */
export class TokenStore {
  private entries: TokenEntry[] = [];
  private readAt = '';

  /**
   * @param file null: there are no tokens. Throws a TokensFileError when it is missing or malformed.
   * @param onUnreadable told when the file becomes so later: the tokens that it held stay in force
   */
  constructor(
    private readonly file: string | null,
    private readonly onUnreadable: (error: TokensFileError) => void = () => undefined,
  ) {
    this.refresh();
  }

  /** For listeners that no person is to use. */
  static empty(): TokenStore {
    return new TokenStore(null);
  }

  /** The caller whose token it is; undefined when it is nobody's or has expired. */
  find(token: string): Caller | undefined {
    this.refresh();
    const hash = sha256(token);
    const entry = this.entries.find((candidate) =>
      timingSafeEqual(Buffer.from(candidate.sha256, 'hex'), hash),
    );
    if (!entry) return undefined;
    const expiresAt = entry.expiresAt == null ? null : new Date(entry.expiresAt);
    if (expiresAt && expiresAt.getTime() <= Date.now()) return undefined;
    return { name: entry.name, role: entry.role, expiresAt };
  }

  /** All that have not expired, by name. */
  list(): TokenAccount[] {
    this.refresh();
    return this.entries
      .map(({ name, role, createdAt, expiresAt }) => ({
        ...{ name, role, createdAt: new Date(createdAt) },
        expiresAt: expiresAt == null ? null : new Date(expiresAt),
      }))
      .filter(({ expiresAt }) => expiresAt === null || expiresAt.getTime() > Date.now())
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private refresh(): void {
    if (this.file === null) return;
    const stamp = stampOf(this.file);
    if (stamp === this.readAt) return;
    try {
      this.entries = readTokens(this.file);
    } catch (error) {
      if (this.readAt === '' || !(error instanceof TokensFileError)) throw error;
      this.onUnreadable(error);
    }
    this.readAt = stamp;
  }
}

/** Differs when the file was written, replaced, or given to others. */
function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs} ${stat.ctimeMs} ${stat.size} ${stat.ino}` : 'missing';
}

function readTokens(file: string): TokenEntry[] {
  if (!existsSync(file)) {
    throw new TokensFileError(file, 'does not exist. Make a token with: quorate token create');
  }
  try {
    return tokensFile.parse(parseYaml(readFileSync(file, 'utf8')) ?? { tokens: [] }).tokens;
  } catch (cause) {
    throw new TokensFileError(file, `cannot be read: ${errorMessage(cause)}`, cause);
  }
}

/** Adds a token to a file, which is made when it is missing, and returns the token: it is stored nowhere. */
export function createToken(file: string, name: string, role: Role, expiresAt: Date | null): string {
  const entries = existsSync(file) ? readTokens(file) : [];
  if (entries.some((entry) => entry.name === name)) {
    throw new TokensFileError(
      file,
      `has a token named "${name}" already. Take another name, or delete that entry.`,
    );
  }
  const token = `qt_${randomBytes(32).toString('base64url')}`;
  entries.push({
    name,
    role,
    sha256: sha256(token).toString('hex'),
    createdAt: new Date().toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
  });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, stringify({ tokens: entries }), { mode: 0o600 });
  renameSync(temporary, file);
  return token;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
