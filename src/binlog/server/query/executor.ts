import type { ColumnType } from '../../protocol/connection/column-type.js';
import { STATUS_AUTOCOMMIT, STATUS_IN_TRANSACTION } from '../../protocol/connection/capabilities.js';
import type { ResultSet } from '../../protocol/connection/replies.js';
import type { ServerFacts } from '../server-facts.js';
import { callFunction } from './functions.js';
import { parseStatement } from './parser.js';
import { showReplicaStatus } from './replica-status.js';
import {
  showBinlogs,
  showBinlogStatus,
  showReplicas,
  showStatus,
  showVariables,
  showWarnings,
} from './show.js';
import { SqlError, unknownVariable, unsupported } from './sql-error.js';
import type { Assignment, Expression, Statement } from './statement.js';
import { keptType, literal, unsetType, type Value } from './value.js';
import { asSelected, variablesOf, type VariableValue } from './variables.js';

/** A client may set so many variables, of so much content together. */
const MAX_VARIABLES = 200;
const MAX_VARIABLE_CHARACTERS = 16 * 2 ** 20;

/** The session and the server behind it, as statements may see and change them. */
export interface ExecutorContext {
  readonly facts: () => ServerFacts;
  readonly connectionId: number;
  /** NAME@HOST */
  readonly user: () => string;
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
  /** That was chosen; nothing is in it. */
  database: string | null = null;
  private readonly types = new Map<string, ColumnType>();
  private isInTransaction = false;
  private isAutocommit = true;

  constructor(private readonly context: ExecutorContext) {}

  /** As it is told with each answer. */
  get status(): number {
    return (this.isAutocommit ? STATUS_AUTOCOMMIT : 0) | (this.isInTransaction ? STATUS_IN_TRANSACTION : 0);
  }

  /** @returns null for OK @throws SqlError */
  async execute(sql: string): Promise<ResultSet | null> {
    const statement = parseStatement(sql);
    if (statement.type === 'showBinlogEvents') return this.context.showBinlogEvents(statement);
    return this.answer(statement, sql);
  }

  private answer(statement: Exclude<Statement, { type: 'showBinlogEvents' }>, sql: string): ResultSet | null {
    const facts = this.context.facts();
    switch (statement.type) {
      case 'set':
        this.set(statement.assignments);
        return null;
      case 'kill':
        this.context.kill(statement.connectionId);
        return null;
      case 'use':
        this.database = statement.database;
        return null;
      case 'transaction':
        this.isInTransaction = statement.isOpen;
        return null;
      case 'select': {
        const values = statement.columns.map(({ expression }) => this.evaluate(expression, sql));
        return {
          columns: statement.columns.map(({ name }, i) => ({ name, type: values[i]!.type })),
          rows: [values.map(({ text }) => text)],
        };
      }
      case 'showVariables':
        return showVariables(this.systemVariables(facts), statement.like);
      case 'showWarnings':
        return showWarnings();
      case 'showStatus':
        return showStatus();
      case 'showBinlogStatus':
        return showBinlogStatus(facts);
      case 'showBinlogs':
        return showBinlogs(facts);
      case 'showReplicas':
        return showReplicas(facts, statement.legacy);
      case 'showReplicaStatus':
        return showReplicaStatus(facts, statement);
    }
  }

  private set(assignments: readonly Assignment[]): void {
    const facts = this.context.facts();
    // All of them are computed before the first is set.
    const values = assignments
      .filter(({ target, name }) => target === 'userVariable' || name === 'autocommit')
      .map(({ target, name, value }) => ({ target, name, value: this.evaluate(value, '') }));
    for (const { target, name, value } of values) {
      if (target === 'systemVariable') {
        this.isAutocommit = !/^(0|off|false)$/i.test(value.text ?? '0');
        continue;
      }
      this.variables.set(name, value.text);
      this.types.set(name, keptType(value, facts));
    }
    const characters = [...this.variables].reduce(
      (sum, [name, value]) => sum + name.length + (value?.length ?? 0),
      0,
    );
    if (this.variables.size > MAX_VARIABLES || characters > MAX_VARIABLE_CHARACTERS) {
      this.variables.clear();
      this.types.clear();
      throw new SqlError(1105, 'HY000', 'Too many user variables were set; all of them have been forgotten');
    }
  }

  private evaluate(expression: Expression, sql: string): Value {
    const facts = this.context.facts();
    switch (expression.type) {
      case 'literal':
        return literal(expression.kind, expression.value, facts);
      case 'userVariable': {
        const { name } = expression;
        return { text: this.variables.get(name) ?? null, type: this.types.get(name) ?? unsetType(facts) };
      }
      case 'systemVariable': {
        const value = this.systemVariables(facts).get(expression.name);
        if (value === undefined) throw unknownVariable(expression.name);
        return asSelected(value);
      }
      case 'function': {
        const { context, database } = this;
        const given = expression.arguments.map((each) => this.evaluate(each, sql));
        const session = { connectionId: context.connectionId, user: context.user(), database };
        const value = callFunction(expression.name, given, { facts, ...session });
        if (value === null) throw unsupported(sql);
        return value;
      }
    }
  }

  private systemVariables(facts: ServerFacts): Map<string, VariableValue> {
    return variablesOf(facts).set('autocommit', this.isAutocommit);
  }
}
