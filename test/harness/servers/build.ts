import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const ROOT = new URL('../../../', import.meta.url).pathname;

/** Builds the program and the SDK once, so that tests use the very files that are shipped. */
export default async function buildProgram(): Promise<void> {
  for (const project of ['tsconfig.build.json', 'src/sdk/tsconfig.json']) await compile(project);
}

async function compile(project: string): Promise<void> {
  await promisify(execFile)(process.execPath, [`${ROOT}node_modules/typescript/bin/tsc`, '-p', project], {
    cwd: ROOT,
  }).catch((error: { stdout?: string }) => {
    throw new Error(`The program does not build:\n${error.stdout ?? String(error)}`);
  });
}
