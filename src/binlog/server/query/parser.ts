import { tokenize, type Token, type TokenKind } from './lexer.js';
import { unsupported } from './sql-error.js';
import type { Assignment, Expression, SelectedColumn, Statement } from './statement.js';

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
    throw this.unknown();
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
    return { userVariable: isUserVariable ? target.value : null, value: this.expression(true) };
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
    if (!isNamed || this.hasWord('LIMIT')) return { name: this.sql.slice(start, end), expression };
    return { name: this.next().value, expression };
  }

  /** @param allowWords whether a bare word is a value, as in SET autocommit = ON */
  private expression(allowWords: boolean): Expression {
    const { kind, value } = this.next();
    if (kind === 'string' || kind === 'number') return { type: 'literal', value };
    if (kind === 'userVariable') return { type: 'userVariable', name: value };
    if (kind === 'systemVariable')
      return { type: 'systemVariable', name: value.replace(/^(global|session|local)\./, '') };
    if (kind !== 'word') throw this.unknown();
    if (this.takeSymbol('(')) {
      if (!this.takeSymbol(')')) throw this.unknown();
      return { type: 'function', name: value.toLowerCase() };
    }
    if (value.toUpperCase() === 'NULL') return { type: 'literal', value: null };
    if (!allowWords) throw this.unknown();
    return { type: 'literal', value };
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
    if (this.takeWords('WARNINGS')) return { type: 'showNothing', columns: ['Level', 'Code', 'Message'] };
    if (!this.takeWords('GLOBAL')) this.takeWords('SESSION');
    if (this.takeWords('VARIABLES')) return { type: 'showVariables', like: this.like() };
    if (this.takeWords('STATUS')) {
      this.like();
      return { type: 'showNothing', columns: ['Variable_name', 'Value'] };
    }
    throw this.unknown();
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
