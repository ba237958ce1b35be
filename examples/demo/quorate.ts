import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Program } from './programs.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** What all processes of the cluster share. */
export interface Shared {
  readonly folder: string;
  readonly etcd: readonly string[];
  readonly secretKey: string;
  readonly tokens: string;
}

export interface MemberPorts {
  readonly api: number;
  readonly peer: number;
}

export function makeSecretKey(folder: string): string {
  const file = join(folder, 'secret.key');
  writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  return file;
}

/** Makes the tokens file as well. */
export async function makeToken(tokens: string): Promise<string> {
  const args = ['token', 'create', '--name', 'demo', '--role', 'ADMIN', '--tokens', tokens];
  return (await promisify(execFile)(process.execPath, [MAIN, ...args])).stdout.trim();
}

export function member(name: string, ports: MemberPorts, shared: Shared): Program {
  return quorate(name, shared, [
    ...['serve', '--join', '--tokens', shared.tokens],
    ...['--listen', `127.0.0.1:${ports.api}`, '--peer-listen', `127.0.0.1:${ports.peer}`],
    ...['--journal-segment-size', String(16 * 2 ** 20), '--journal-keep-bytes', String(256 * 2 ** 20)],
  ]);
}

export function proxy(name: string, port: number, shared: Shared): Program {
  return quorate(name, shared, ['proxy', '--listen', `127.0.0.1:${port}`]);
}

function quorate(name: string, { folder, etcd, secretKey }: Shared, [command, ...args]: string[]): Program {
  const common = ['--name', name, '--etcd', etcd.join(','), '--secret-key', secretKey];
  return {
    name,
    command: process.execPath,
    args: [MAIN, command!, ...common, '--data-dir', join(folder, name), ...args],
    isAsked: true,
  };
}
