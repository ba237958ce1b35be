import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const ROOT = new URL('../../', import.meta.url).pathname;

/** Builds the program once, so that tests start the very processes that are shipped. */
export default async function buildProgram(): Promise<void> {
  await promisify(execFile)(
    process.execPath,
    [`${ROOT}node_modules/typescript/bin/tsc`, '-p', 'tsconfig.build.json'],
    {
      cwd: ROOT,
    },
  ).catch((error: { stdout?: string }) => {
    throw new Error(`The program does not build:\n${error.stdout ?? String(error)}`);
  });
}
