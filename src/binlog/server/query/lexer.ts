import { unsupported } from './sql-error.js';

export type TokenKind = 'word' | 'string' | 'number' | 'userVariable' | 'systemVariable' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The content of a string; the name of a variable without at signs. */
  readonly value: string;
  /** Where it is in the statement. */
  readonly start: number;
  readonly end: number;
}

/** More would be no statement of a replica. */
const MAX_TOKENS = 2_000;

const PATTERNS: readonly (readonly [TokenKind | 'skip', RegExp])[] = [
  ['skip', /(?:\s+|\/\*(?!!)[\s\S]*?\*\/|--[ \t][^\n]*|#[^\n]*)+/y],
  // What is for MySQL only, such as /*!40101 SET NAMES utf8 */, is for us as well.
  ['skip', /\/\*!\d*|\*\//y],
  ['systemVariable', /@@[A-Za-z0-9_.$`]+/y],
  ['userVariable', /@(?:`[^`]+`|'[^']+'|"[^"]+"|[A-Za-z0-9_.$]+)/y],
  ['string', /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"/y],
  ['number', /0x[0-9a-fA-F]+|-?\d+(?:\.\d+)?/y],
  ['word', /`[^`]+`|[A-Za-z_$][A-Za-z0-9_$]*/y],
  ['symbol', /:=|[(),=;.*%+-]/y],
];

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0', b: '\b', Z: '\x1a' };

/** @throws SqlError when something in it is not of the few things that we know */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length;) {
    const found = match(sql, at);
    if (!found || tokens.length >= MAX_TOKENS) throw unsupported(sql);
    const { kind, end } = found;
    if (kind !== 'skip') tokens.push({ kind, value: valueOf(kind, sql.slice(at, end)), start: at, end });
    at = end;
  }
  tokens.push({ kind: 'end', value: '', start: sql.length, end: sql.length });
  return tokens;
}

function match(sql: string, at: number): { kind: TokenKind | 'skip'; end: number } | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    if (pattern.test(sql)) return { kind, end: pattern.lastIndex };
  }
  return undefined;
}

function valueOf(kind: TokenKind, text: string): string {
  if (kind === 'string') return unquote(text);
  if (kind === 'userVariable')
    return text
      .slice(1)
      .replace(/^[`'"]|[`'"]$/g, '')
      .toLowerCase();
  if (kind === 'systemVariable') return text.slice(2).replaceAll('`', '').toLowerCase();
  return kind === 'word' ? text.replaceAll('`', '') : text;
}

/** Content of a string between quotes: a backslash escapes, a quote is doubled. */
function unquote(text: string): string {
  return text
    .slice(1, -1)
    .replace(/\\([\s\S])|''|""/g, (all, escaped: string | undefined) =>
      escaped === undefined ? all.slice(1) : (ESCAPES[escaped] ?? escaped),
    );
}
