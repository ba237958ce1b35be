import type { MysqlServer } from './server.js';

const SYSTEM = "('mysql', 'sys', 'test', 'information_schema', 'performance_schema')";

export async function userDatabases(server: MysqlServer): Promise<string[]> {
  const rows = await server.query(
    `SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name NOT IN ${SYSTEM} ORDER BY 1`,
  );
  return rows.map((row) => String(row['name']));
}

/** As `database.table`, quoted; no views. */
export async function userTables(server: MysqlServer): Promise<string[]> {
  const rows = await server.query(
    `SELECT CONCAT('\`', table_schema, '\`.\`', table_name, '\`') AS name FROM information_schema.tables
      WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ${SYSTEM} ORDER BY 1`,
  );
  return rows.map((row) => String(row['name']));
}
