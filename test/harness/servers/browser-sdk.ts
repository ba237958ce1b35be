import { build } from 'vite';

const ROOT = new URL('../../../', import.meta.url).pathname;

export interface BrowserSdk {
  readonly code: string;
  /** The files that it was made of. */
  readonly modules: readonly string[];
  /** What it would still have to load. */
  readonly imports: readonly string[];
}

/** The SDK as a page gets it: in one minified file. */
export async function bundleSdk(format: 'es' | 'iife'): Promise<BrowserSdk> {
  const result = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: true,
      lib: { entry: 'src/sdk/browser.ts', formats: [format], name: 'quorate' },
    },
  });
  type Chunk = { code: string; moduleIds: string[]; imports: string[] };
  const [{ output }] = result as unknown as [{ output: Chunk[] }];
  if (output.length !== 1) throw new Error(`The SDK was bundled into ${output.length} files.`);
  const [{ code, moduleIds, imports }] = output as [Chunk];
  return { code, modules: moduleIds, imports };
}
