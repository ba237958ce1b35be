import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { QuorateError } from './errors.js';

export class SecretKeyError extends QuorateError {
  constructor(message: string, cause?: unknown) {
    super('SECRET_KEY', message, { cause });
  }
}

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals passwords for storage in the coordinator (docs/threat-model.md, section "At rest") and derives the keys with
 * which the processes of one cluster recognise each other. All of them must be given the same secret key.
 *
 * A sealed text is bound to its context (what it is the password of), so that a stored value copied to
 * another record does not open there.
 */
export class SecretBox {
  private readonly sealingKey: Buffer;

  /** @param key 32 random bytes */
  constructor(private readonly key: Buffer) {
    if (key.length !== 32) throw new SecretKeyError(`A secret key has 32 bytes, this one ${key.length}.`);
    this.sealingKey = this.derive('seal');
  }

  static generateKey(): Buffer {
    return randomBytes(32);
  }

  seal(plain: string, context: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.sealingKey, iv).setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return `v1:${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')}`;
  }

  open(sealed: string, context: string): string {
    const raw = Buffer.from(sealed.replace(/^v1:/, ''), 'base64');
    try {
      const decipher = createDecipheriv(ALGORITHM, this.sealingKey, raw.subarray(0, IV_BYTES), {
        // Without it a shortened tag would do, and those can be guessed.
        authTagLength: TAG_BYTES,
      })
        .setAAD(Buffer.from(context))
        .setAuthTag(raw.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([
        decipher.update(raw.subarray(IV_BYTES + TAG_BYTES)),
        decipher.final(),
      ]).toString();
    } catch (cause) {
      throw new SecretKeyError(
        `The stored password of ${context} does not open with this secret key. Start this process with the ` +
          'secret key of its cluster (--secret-key).',
        cause,
      );
    }
  }

  /** A key for one purpose, 32 bytes; knowing it tells nothing of the others. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.key, 'quorate', purpose, 32));
  }

  /** Equal for equal keys and useless otherwise: tells whether two processes were given the same key. */
  fingerprint(): string {
    return createHmac('sha256', this.derive('fingerprint')).update('quorate').digest('hex').slice(0, 16);
  }
}
