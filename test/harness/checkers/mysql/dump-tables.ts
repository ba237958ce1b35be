import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MysqlServer } from '../../servers/mysql/server.js';

/** All values as the bytes that are stored. */
const RAW = 'CHARACTER SET binary';

/** Has the server itself write its tables to files, for a flavour without a dump program. No routines. */
export async function saveTables(
  server: MysqlServer,
  databases: readonly string[],
  directory: string,
): Promise<void> {
  const statements: string[] = [];
  const views: string[] = [];
  for (const database of databases) {
    const [created] = await server.query(`SHOW CREATE DATABASE ${database}`);
    statements.push(String(created!['Create Database']), `USE ${database}`);
    for (const row of await server.query(`SHOW FULL TABLES FROM ${database}`)) {
      const [name, type] = Object.values(row).map(String);
      const table = `${database}.${name}`;
      const [definition] = await server.query(`SHOW CREATE TABLE ${table}`);
      if (type === 'VIEW') views.push(String(definition!['Create View']));
      else statements.push(String(definition!['Create Table']), await saveTable(server, table, directory));
    }
  }
  writeFileSync(listIn(directory), JSON.stringify([...statements, ...views]));
}

export async function loadTables(server: MysqlServer, directory: string): Promise<void> {
  const statements = JSON.parse(readFileSync(listIn(directory), 'utf8')) as string[];
  const connection = await server.connect();
  try {
    await connection.query("SET SESSION sql_log_bin = 0, sql_mode = 'STRICT_ALL_TABLES'");
    for (const statement of statements) await connection.query(statement);
  } finally {
    connection.destroy();
  }
}

/** @returns the statement that loads it again */
async function saveTable(server: MysqlServer, table: string, directory: string): Promise<string> {
  const file = join(directory, table);
  const columns = await server.query(`SHOW COLUMNS FROM ${table}`);
  const names = columns.map((column) => String(column['Field']));
  // The bytes of these would be written as they are, and among them are those that end a field or a row.
  const bits = names.filter((_, i) => String(columns[i]!['Type']).startsWith('bit'));
  const written = names.map((name) => (bits.includes(name) ? `${name} + 0` : name));
  await server.query(`SELECT ${written.join(', ')} INTO OUTFILE '${file}' ${RAW} FROM ${table}`);

  const read = names.map((name) => (bits.includes(name) ? `@${name}` : name));
  const assigned = bits.map((name) => `${name} = CAST(@${name} AS UNSIGNED)`);
  const set = assigned.length === 0 ? '' : `SET ${assigned.join(', ')}`;
  return `LOAD DATA INFILE '${file}' INTO TABLE ${table} ${RAW} (${read.join(', ')}) ${set}`;
}

function listIn(directory: string): string {
  return join(directory, 'statements.json');
}
