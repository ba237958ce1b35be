import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const ROOT = new URL('../../../', import.meta.url).pathname;

/** Several projects of tests need it in one run, each of which has modules of its own. */
const shared = globalThis as { quorateTestBuild?: Promise<void> };

/** Builds the program and the SDK once, so that tests use the very files that are shipped. */
export default function buildProgram(): Promise<void> {
  shared.quorateTestBuild ??= compileAll();
  return shared.quorateTestBuild;
}

async function compileAll(): Promise<void> {
  for (const project of ['tsconfig.build.json', 'src/sdk/tsconfig.json']) await compile(project);
}

async function compile(project: string): Promise<void> {
  await promisify(execFile)(process.execPath, [`${ROOT}node_modules/typescript/bin/tsc`, '-p', project], {
    cwd: ROOT,
  }).catch((error: { stdout?: string }) => {
    throw new Error(`The program does not build:\n${error.stdout ?? String(error)}`);
  });
}
