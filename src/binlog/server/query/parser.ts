import { tokenize, type Token, type TokenKind } from './lexer.js';
import { unsupported } from './sql-error.js';
import type { Assignment, Expression, SelectedColumn, Statement } from './statement.js';

const TRANSACTION_KINDS = [
  ['WITH', 'CONSISTENT', 'SNAPSHOT'],
  ['READ', 'ONLY'],
  ['READ', 'WRITE'],
];

/** The words, whether they are those of before MySQL 8.0.22, and whether MariaDB's longer form is meant. */
const REPLICA_STATUS: readonly (readonly [readonly string[], boolean, boolean])[] = [
  [['SLAVE', 'STATUS'], true, false],
  [['REPLICA', 'STATUS'], false, false],
  [['ALL', 'SLAVES', 'STATUS'], true, true],
  [['ALL', 'REPLICAS', 'STATUS'], false, true],
];

/** @throws SqlError when it is no statement that we execute */
export function parseStatement(sql: string): Statement {
  return new Parser(sql).parse();
}

class Parser {
  private readonly tokens: Token[];
  private at = 0;

  constructor(private readonly sql: string) {
    this.tokens = tokenize(sql);
  }

  parse(): Statement {
    const statement = this.statement();
    this.takeSymbol(';');
    if (this.peek().kind !== 'end') throw this.unknown();
    return statement;
  }

  private statement(): Statement {
    if (this.takeWords('SET')) return { type: 'set', assignments: this.assignments() };
    if (this.takeWords('SELECT')) return this.select();
    if (this.takeWords('KILL')) return this.kill();
    if (this.takeWords('SHOW')) return this.show();
    if (this.takeWords('USE')) return { type: 'use', database: this.take('word') };
    return this.transaction();
  }

  private transaction(): Statement {
    if (this.takeWords('BEGIN')) {
      this.takeWords('WORK');
      return { type: 'transaction', isOpen: true };
    }
    if (this.takeWords('START', 'TRANSACTION')) {
      do {
        const isKnown = TRANSACTION_KINDS.some((words) => this.takeWords(...words));
        if (!isKnown && this.peek().kind === 'word') throw this.unknown();
      } while (this.takeSymbol(','));
      return { type: 'transaction', isOpen: true };
    }
    if (!this.takeWords('COMMIT') && !this.takeWords('ROLLBACK')) throw this.unknown();
    this.takeWords('WORK');
    const isChained = this.takeWords('AND', 'CHAIN');
    if (!isChained) this.takeWords('AND', 'NO', 'CHAIN');
    this.takeWords('NO', 'RELEASE');
    return { type: 'transaction', isOpen: isChained };
  }

  private assignments(): Assignment[] {
    // Only what is set next: SET SESSION TRANSACTION ISOLATION LEVEL ..., SET NAMES 'utf8' COLLATE ...
    const isTransaction = this.hasWord('TRANSACTION') || this.hasWord('TRANSACTION', 1);
    if (this.takeWords('NAMES') || this.takeWords('CHARACTER', 'SET') || isTransaction) {
      while (!['end', 'symbol'].includes(this.peek().kind)) this.at++;
      return [];
    }
    const assignments = [this.assignment()];
    while (this.takeSymbol(',')) assignments.push(this.assignment());
    return assignments;
  }

  private assignment(): Assignment {
    const isScoped = this.takeWords('GLOBAL') || this.takeWords('SESSION') || this.takeWords('LOCAL');
    const target = this.next();
    const isUserVariable = target.kind === 'userVariable' && !isScoped;
    if (!isUserVariable && target.kind !== 'systemVariable' && target.kind !== 'word') throw this.unknown();
    if (!this.takeSymbol('=') && !this.takeSymbol(':=')) throw this.unknown();
    return {
      target: isUserVariable ? 'userVariable' : 'systemVariable',
      name: isUserVariable ? target.value : withoutScope(target.value.toLowerCase()),
      value: this.expression(true),
    };
  }

  private select(): Statement {
    const columns = [this.column()];
    while (this.takeSymbol(',')) columns.push(this.column());
    if (this.takeWords('LIMIT')) this.number();
    return { type: 'select', columns };
  }

  private column(): SelectedColumn {
    const { start } = this.peek();
    const expression = this.expression(false);
    const { end } = this.tokens[this.at - 1]!;
    const isNamed = this.takeWords('AS') || ['word', 'string'].includes(this.peek().kind);
    if (!isNamed || this.hasWord('LIMIT')) {
      const isText = expression.type === 'literal' && expression.kind === 'string';
      return { name: isText ? expression.value : this.sql.slice(start, end), expression };
    }
    return { name: this.next().value, expression };
  }

  /** @param allowWords whether a bare word is a value, as in SET autocommit = ON */
  private expression(allowWords: boolean): Expression {
    const { kind, value } = this.next();
    if (kind === 'string') return { type: 'literal', kind, value };
    // A hexadecimal number is a string of bytes to a server.
    if (kind === 'number' && !value.startsWith('0x')) return { type: 'literal', kind, value };
    if (kind === 'userVariable') return { type: 'userVariable', name: value };
    if (kind === 'systemVariable') return { type: 'systemVariable', name: withoutScope(value) };
    if (kind !== 'word') throw this.unknown();
    if (this.takeSymbol('(')) return { type: 'function', name: value, arguments: this.arguments() };
    if (value.toUpperCase() === 'NULL') return { type: 'literal', kind: 'null', value: '' };
    if (!allowWords) throw this.unknown();
    return { type: 'literal', kind: 'string', value };
  }

  /** Behind the opening bracket. */
  private arguments(): Expression[] {
    if (this.takeSymbol(')')) return [];
    const given = [this.expression(false)];
    while (this.takeSymbol(',')) given.push(this.expression(false));
    if (!this.takeSymbol(')')) throw this.unknown();
    return given;
  }

  private kill(): Statement {
    if (!this.takeWords('CONNECTION')) this.takeWords('QUERY');
    return { type: 'kill', connectionId: this.number() };
  }

  private show(): Statement {
    if (this.takeWords('MASTER', 'STATUS') || this.takeWords('BINARY', 'LOG', 'STATUS'))
      return { type: 'showBinlogStatus' };
    if (this.takeWords('BINLOG', 'STATUS')) return { type: 'showBinlogStatus' };
    if (this.takeWords('BINARY', 'LOGS') || this.takeWords('MASTER', 'LOGS')) return { type: 'showBinlogs' };
    if (this.takeWords('SLAVE', 'HOSTS')) return { type: 'showReplicas', legacy: true };
    if (this.takeWords('REPLICA', 'HOSTS')) return { type: 'showReplicas', legacy: true };
    if (this.takeWords('REPLICAS')) return { type: 'showReplicas', legacy: false };
    if (this.takeWords('BINLOG', 'EVENTS')) return this.showBinlogEvents();
    if (this.takeWords('WARNINGS')) return { type: 'showWarnings' };
    const replicaStatus = this.replicaStatus();
    if (replicaStatus !== null) return replicaStatus;
    if (!this.takeWords('GLOBAL')) this.takeWords('SESSION');
    if (this.takeWords('VARIABLES')) return { type: 'showVariables', like: this.like() };
    if (this.takeWords('STATUS')) {
      this.like();
      return { type: 'showStatus' };
    }
    throw this.unknown();
  }

  private replicaStatus(): Statement | null {
    for (const [words, legacy, all] of REPLICA_STATUS) {
      if (!this.takeWords(...words)) continue;
      if (this.takeWords('FOR', 'CHANNEL')) this.take('string');
      return { type: 'showReplicaStatus', legacy, all };
    }
    return null;
  }

  private showBinlogEvents(): Statement {
    const file = this.takeWords('IN') ? this.take('string') : null;
    const from = this.takeWords('FROM') ? this.number() : null;
    let [offset, limit]: [number, number | null] = [0, null];
    if (this.takeWords('LIMIT')) {
      limit = this.number();
      if (this.takeSymbol(',')) [offset, limit] = [limit, this.number()];
    }
    return { type: 'showBinlogEvents', file, from, offset, limit };
  }

  /** LIKE 'x', or its longer form with WHERE. */
  private like(): string | null {
    if (this.takeWords('LIKE')) return this.take('string');
    if (!this.takeWords('WHERE')) return null;
    if (!this.takeWords('VARIABLE_NAME')) throw this.unknown();
    if (!this.takeSymbol('=') && !this.takeWords('LIKE')) throw this.unknown();
    return this.take('string');
  }

  private number(): number {
    return Number(this.take('number'));
  }

  private take(kind: TokenKind): string {
    const token = this.next();
    if (token.kind !== kind) throw this.unknown();
    return token.value;
  }

  /** Takes these words if they are next. */
  private takeWords(...words: readonly string[]): boolean {
    if (!words.every((word, i) => this.hasWord(word, i))) return false;
    this.at += words.length;
    return true;
  }

  private hasWord(word: string, ahead = 0): boolean {
    const token = this.tokens[this.at + ahead];
    return token?.kind === 'word' && token.value.toUpperCase() === word;
  }

  private takeSymbol(symbol: string): boolean {
    const { kind, value } = this.peek();
    if (kind !== 'symbol' || value !== symbol) return false;
    this.at++;
    return true;
  }

  private peek(): Token {
    return this.tokens[this.at]!;
  }

  private next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }

  private unknown(): Error {
    return unsupported(this.sql);
  }
}

function withoutScope(name: string): string {
  return name.replace(/^(global|session|local)\./, '');
}
