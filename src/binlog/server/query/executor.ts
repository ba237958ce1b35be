import { randomUUID } from 'node:crypto';
import type { ResultSet } from '../../protocol/connection/replies.js';
import type { ServerFacts } from '../server-facts.js';
import { parseStatement } from './parser.js';
import { SqlError, unknownVariable, unsupported } from './sql-error.js';
import type { Assignment, Expression, Statement } from './statement.js';
import { asSelected, asShown, likePattern, variablesOf } from './variables.js';

/** A client may set so many variables, of so much content together. */
const MAX_VARIABLES = 200;
const MAX_VARIABLE_CHARACTERS = 16 * 2 ** 20;

/** The session and the server behind it, as statements may see and change them. */
export interface ExecutorContext {
  readonly facts: () => ServerFacts;
  readonly connectionId: number;
  readonly user: string;
  /** @throws SqlError when there is no such connection */
  readonly kill: (connectionId: number) => void;
  readonly showBinlogEvents: (
    statement: Extract<Statement, { type: 'showBinlogEvents' }>,
  ) => Promise<ResultSet>;
}

/** Executes what replicas ask before they dump, and knows the variables that they have set. */
export class Executor {
  /** What was set with SET @name = ..., by name in small letters. */
  readonly variables = new Map<string, string | null>();

  constructor(private readonly context: ExecutorContext) {}

  /** @returns null for OK @throws SqlError */
  async execute(sql: string): Promise<ResultSet | null> {
    const statement = parseStatement(sql);
    switch (statement.type) {
      case 'set':
        this.set(statement.assignments);
        return null;
      case 'kill':
        this.context.kill(statement.connectionId);
        return null;
      case 'select':
        return {
          columns: statement.columns.map(({ name }) => name),
          rows: [statement.columns.map(({ expression }) => this.evaluate(expression, sql))],
        };
      case 'showVariables':
        return this.showVariables(statement.like);
      case 'showBinlogEvents':
        return this.context.showBinlogEvents(statement);
      case 'showNothing':
        return { columns: statement.columns, rows: [] };
      case 'showBinlogStatus':
        return showBinlogStatus(this.context.facts());
      case 'showBinlogs':
        return showBinlogs(this.context.facts());
      case 'showReplicas':
        return showReplicas(this.context.facts(), statement.legacy);
    }
  }

  private set(assignments: readonly Assignment[]): void {
    const values = assignments.flatMap(({ userVariable, value }) =>
      userVariable === null ? [] : [[userVariable, this.evaluate(value, '')] as const],
    );
    for (const [name, value] of values) this.variables.set(name, value);
    const characters = [...this.variables].reduce(
      (sum, [name, value]) => sum + name.length + (value?.length ?? 0),
      0,
    );
    if (this.variables.size > MAX_VARIABLES || characters > MAX_VARIABLE_CHARACTERS) {
      this.variables.clear();
      throw new SqlError(1105, 'HY000', 'Too many user variables were set; all of them have been forgotten');
    }
  }

  private evaluate(expression: Expression, sql: string): string | null {
    switch (expression.type) {
      case 'literal':
        return expression.value;
      case 'userVariable':
        return this.variables.get(expression.name) ?? null;
      case 'systemVariable': {
        const value = variablesOf(this.context.facts()).get(expression.name);
        if (value === undefined) throw unknownVariable(expression.name);
        return asSelected(value);
      }
      case 'function':
        return this.call(expression.name, sql);
    }
  }

  private call(name: string, sql: string): string | null {
    switch (name) {
      case 'unix_timestamp':
        return String(Math.floor(Date.now() / 1_000));
      case 'now':
        return new Date().toISOString().slice(0, 19).replace('T', ' ');
      case 'version':
        return this.context.facts().version;
      case 'uuid':
        return randomUUID();
      case 'connection_id':
        return String(this.context.connectionId);
      case 'user':
      case 'current_user':
      case 'session_user':
        return this.context.user;
      case 'database':
      case 'schema':
        return null;
      default:
        throw unsupported(sql);
    }
  }

  private showVariables(like: string | null): ResultSet {
    const pattern = like === null ? null : likePattern(like);
    const found = [...variablesOf(this.context.facts())].filter(([name]) => pattern?.test(name) ?? true);
    return {
      columns: ['Variable_name', 'Value'],
      rows: found.map(([name, value]) => [name, asShown(value)]),
    };
  }
}

function showBinlogStatus({ flavour, end, executedGtidSet }: ServerFacts): ResultSet {
  const isMysql = flavour === 'MYSQL';
  const columns = ['File', 'Position', 'Binlog_Do_DB', 'Binlog_Ignore_DB'];
  return {
    columns: isMysql ? [...columns, 'Executed_Gtid_Set'] : columns,
    rows: end ? [[end.file, String(end.position), '', '', ...(isMysql ? [executedGtidSet] : [])]] : [],
  };
}

function showBinlogs({ flavour, files, version }: ServerFacts): ResultSet {
  const isEncryptable = flavour === 'MYSQL' && Number.parseInt(version, 10) >= 8;
  return {
    columns: ['Log_name', 'File_size', ...(isEncryptable ? ['Encrypted'] : [])],
    rows: files.map(({ name, sizeBytes }) => [name, String(sizeBytes), ...(isEncryptable ? ['No'] : [])]),
  };
}

function showReplicas({ flavour, replicas, serverId }: ServerFacts, isLegacy: boolean): ResultSet {
  const hasUuid = flavour === 'MYSQL';
  const columns = isLegacy
    ? ['Server_id', 'Host', 'Port', 'Master_id', ...(hasUuid ? ['Slave_UUID'] : [])]
    : ['Server_Id', 'Host', 'Port', 'Source_Id', ...(hasUuid ? ['Replica_UUID'] : [])];
  const rows = replicas.map(({ serverId: id, host, port, uuid }) => [
    ...[String(id), host, String(port), String(serverId)],
    ...(hasUuid ? [uuid] : []),
  ]);
  return { columns, rows };
}
