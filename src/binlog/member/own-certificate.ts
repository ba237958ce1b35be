import { createPrivateKey, generateKeyPair, randomBytes, X509Certificate } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { writeDurably } from '../../common/durable-file.js';

const YEARS = 10;
const DAY_MS = 24 * 3_600_000;
/** One that is about to end is made anew in time. */
const LEAST_MS = 30 * DAY_MS;
/** Addresses that stand for all of a machine, and so for none. */
const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

export interface OwnCertificateOptions {
  /** Holds `NAME.crt` and `NAME.key`. */
  readonly directory: string;
  /** The binlog server's. */
  readonly name: string;
  readonly memberName: string;
  /** What it listens at: one of the names that the certificate is for. */
  readonly host: string;
}

/** PEM texts. */
export interface CertificateAndKey {
  readonly cert: string;
  readonly key: string;
}

/**
 * The certificate of a binlog server that was given none: signed by itself, as a MySQL makes one at its first start. It is
 * made once, and the same ever after, so that clients can be told to trust it; anew only when it is damaged, about to end,
 * or not for the host.
 */
export async function ownCertificate(options: OwnCertificateOptions): Promise<CertificateAndKey> {
  const { directory, name, memberName } = options;
  const [certFile, keyFile] = [join(directory, `${name}.crt`), join(directory, `${name}.key`)];
  const names = namesOf(options.host);
  const kept = await read(certFile, keyFile);
  if (kept !== null && isUsable(kept, names)) return kept;
  const made = await make(memberName, names);
  await writeDurably(keyFile, made.key, 0o600);
  await writeDurably(certFile, made.cert, 0o644);
  return made;
}

function namesOf(host: string): string[] {
  return [...new Set(['localhost', '127.0.0.1', '::1', ANY.has(host) ? hostname() : host])];
}

async function read(certFile: string, keyFile: string): Promise<CertificateAndKey | null> {
  try {
    const [cert, key] = [await readFile(certFile, 'utf8'), await readFile(keyFile, 'utf8')];
    await chmod(keyFile, 0o600);
    return { cert, key };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isUsable({ cert, key }: CertificateAndKey, names: readonly string[]): boolean {
  try {
    const certificate = new X509Certificate(cert);
    const isFor = (name: string) =>
      (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
    return (
      certificate.checkPrivateKey(createPrivateKey(key)) &&
      Date.parse(certificate.validTo) > Date.now() + LEAST_MS &&
      names.every(isFor)
    );
  } catch {
    return false;
  }
}

/** RSA, which every client knows that knows TLS. */
async function make(memberName: string, names: readonly string[]): Promise<CertificateAndKey> {
  const { privateKey: key } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const privateKey = forge.pki.privateKeyFromPem(key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(privateKey.n, privateKey.e);
  // A first byte that keeps the number positive, and that is not 0.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + YEARS * 365 * DAY_MS);
  const subject = [{ name: 'commonName', value: memberName }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    // Some clients trust authorities only.
    { name: 'basicConstraints', cA: true, critical: true },
    {
      ...{ name: 'keyUsage', critical: true },
      ...{ digitalSignature: true, keyEncipherment: true, keyCertSign: true },
    },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: names.map(alternativeName) },
  ]);
  certificate.sign(privateKey, forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate).replaceAll('\r', ''), key };
}

function alternativeName(name: string) {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
}
