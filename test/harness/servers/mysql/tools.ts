import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Program } from './flavours/flavour.js';

/** The files that a program reads from and writes to. */
export interface Files {
  readonly input?: string;
  readonly output?: string;
}

/** Runs a program to its end; rejects with what it complained of when that was a failure. */
export async function run(
  [command, ...first]: Program,
  args: readonly string[],
  files: Files = {},
): Promise<void> {
  const input = files.input === undefined ? null : openSync(files.input, 'r');
  const output = files.output === undefined ? null : openSync(files.output, 'w');
  try {
    const child = spawn(command, [...first, ...args], {
      stdio: [input ?? 'ignore', output ?? 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr!.on('data', (text: Buffer) => {
      complaint = (complaint + text.toString()).slice(-4000);
    });
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${complaint}`);
  } finally {
    for (const file of [input, output]) if (file !== null) closeSync(file);
  }
}
