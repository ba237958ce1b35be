import type { MysqlServer } from '../../servers/mysql/server.js';
import { userTables } from '../../servers/mysql/tables.js';

/**
 * CHECKSUM TABLE of all user tables, by name. Comparable between servers of one flavour only: it covers how rows
 * are laid out.
 */
export async function checksums(server: MysqlServer): Promise<Record<string, string>> {
  const tables = await userTables(server);
  if (tables.length === 0) return {};
  const rows = await server.query(`CHECKSUM TABLE ${tables.join(', ')}`);
  return Object.fromEntries(rows.map((row) => [String(row['Table']), String(row['Checksum'])]));
}
