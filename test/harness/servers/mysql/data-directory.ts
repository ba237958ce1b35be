import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { testHost, type Host } from '../host.js';
import { untilReady } from '../process.js';
import { userArguments } from './flavours/arguments.js';
import type { Flavour } from './flavours/flavour.js';

/** Says which form the templates have: those of another form are not used. */
const FORM = 2;

const making = new Map<string, Promise<string>>();

/** A data directory with the accounts, no binary log and no GTIDs: a copy of one that is made once per version. */
export async function newDataDirectory(flavour: Flavour, host: Host = testHost): Promise<string> {
  const directory = host.directory(flavour.name);
  await copy(await template(flavour, host), directory);
  return directory;
}

function template(flavour: Flavour, host: Host): Promise<string> {
  const name = `${flavour.name}-${flavour.version()}-${FORM}`;
  const made = making.get(name) ?? makeTemplate(flavour, host, name);
  making.set(name, made);
  return made;
}

/** Another process may be making the same: the first that is ready is taken. */
async function makeTemplate(flavour: Flavour, host: Host, name: string): Promise<string> {
  const cache = host.cache('data');
  const wanted = join(cache, name);
  if (existsSync(wanted)) return wanted;
  // With a dot in front, InnoDB overlooks what is in it.
  const draft = mkdtempSync(join(cache, 'draft-'));
  try {
    await initialise(flavour, host, draft);
    await addAccounts(flavour, host, draft);
    await makeSparse(draft);
    renameSync(draft, wanted);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(wanted)) throw error;
  }
  return wanted;
}

/** Holes stay holes: a template is mostly logs that are still empty. */
async function copy(from: string, to: string, ...options: readonly string[]): Promise<void> {
  await promisify(execFile)('cp', ['-r', ...options, `${from}/.`, to]);
}

async function makeSparse(directory: string): Promise<void> {
  const sparse = mkdtempSync(`${directory}-sparse-`);
  await copy(directory, sparse, '--sparse=always');
  rmSync(directory, { recursive: true });
  renameSync(sparse, directory);
}

/** In a process that can be ended while it works, and does not keep others from theirs. */
async function initialise(flavour: Flavour, host: Host, directory: string): Promise<void> {
  const [command, ...args] = flavour.initialiser(directory);
  const initialiser = host.launch(`${flavour.name}-initialise`, { command, args, endsByItself: true });
  const status = await initialiser.exited;
  if (status !== 0) throw new Error(`${command} has ended with ${status}:\n${initialiser.output}`);
  flavour.tidy?.(directory);
}

async function addAccounts(flavour: Flavour, host: Host, directory: string): Promise<void> {
  const socketPath = join(directory, 's');
  const [command, ...args] = flavour.server;
  const server = host.launch(`${flavour.name}-accounts`, {
    command,
    args: [
      ...args,
      ...['--no-defaults', `--datadir=${directory}`, `--socket=${socketPath}`, '--skip-networking'],
      ...['--server-id=1', '--log-bin=draft', ...flavour.serverArguments({}), ...userArguments()],
    ],
  });
  try {
    const connect = () => createConnection({ socketPath, user: 'root' });
    await untilReady(server, async () => {
      (await connect()).destroy();
      return true;
    });
    const connection = await connect();
    for (const statement of ['SET sql_log_bin = 0', ...flavour.accounts]) await connection.query(statement);
    connection.destroy();
    await server.end('SIGTERM');
  } finally {
    await server.end('SIGKILL');
  }
  for (const name of readdirSync(directory))
    if (name === 'auto.cnf' || name.startsWith('draft.')) rmSync(join(directory, name));
}
