import type { Certificates } from '../../certificates.js';
import type { ReplicationWords } from './words.js';

/** MySQL 5.6, MySQL 9.x, MariaDB 10.11. */
export type FlavourName = 'mysql56' | 'mysql97' | 'mariadb';

/** A program with the arguments that come before all others. */
export type Program = readonly [command: string, ...args: string[]];

export interface RoleOptions {
  /** Semi-sync as a source, as a replica, or both; not in MySQL 5.6, whose package has no plugins. */
  readonly semiSync?: 'source' | 'replica' | 'both';
  /** Without, the server offers no TLS. MySQL 5.6 cannot. */
  readonly tls?: Certificates;
  /** Syncs at each commit: what a client saw committed survives a machine that loses power. */
  readonly durable?: boolean;
}

/** A make of server: where its programs are, how it is started, and which words it uses. */
export interface Flavour {
  readonly name: FlavourName;
  /** Why it cannot be run here; null when it can. */
  unavailable(): string | null;
  readonly server: Program;
  /** What writes databases as SQL, and what reads that; null when this flavour comes without. */
  readonly dump: { readonly save: Program; readonly load: Program } | null;
  /** mysqlbinlog or its relative; null when this flavour comes without. */
  readonly binlog: Program | null;
  /** The program that fills an empty data directory, with a root who needs no password on the socket. */
  initialiser(directory: string): Program;
  /** Removes from a fresh data directory what each server has to make for itself. */
  tidy?(directory: string): void;
  /** Names what the initialiser makes of this server: another version, another name. */
  version(): string;
  /** Options of this flavour alone, beyond those that all share. */
  serverArguments(roles: RoleOptions): string[];
  /** Statements that make the accounts of `accounts.ts`, run once on the socket. */
  readonly accounts: readonly string[];
  readonly words: ReplicationWords;
}
