import { TestProcess, type ProcessOptions } from './process.js';
import { removeTemporaryDirectory, temporaryDirectory } from './tmp.js';
import { writableCache } from './mysql/cache.js';

/** Where servers run: who gives them folders, and starts their processes. */
export interface Host {
  /** A fresh folder; the purpose is a part of its name. */
  directory(purpose: string): string;
  removeDirectory(directory: string): void;
  /** A folder for what is made once and copied often. */
  cache(name: string): string;
  /** @param name tells people which server it is */
  launch(name: string, options: ProcessOptions): TestProcess;
}

/** Temporary folders that go away with this process, and processes that end with it. */
export const testHost: Host = {
  directory: temporaryDirectory,
  removeDirectory: removeTemporaryDirectory,
  cache: writableCache,
  launch: (_name, options) => new TestProcess(options),
};
