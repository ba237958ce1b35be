/** What can be computed: all that replicas and their tools ask for. */
export type Expression =
  | { readonly type: 'literal'; readonly value: string | null }
  | { readonly type: 'userVariable'; readonly name: string }
  /** Without its scope. */
  | { readonly type: 'systemVariable'; readonly name: string }
  | { readonly type: 'function'; readonly name: string };

export interface Assignment {
  /** Null for what we take note of by accepting it: system variables, NAMES, transaction settings. */
  readonly userVariable: string | null;
  readonly value: Expression;
}

export interface SelectedColumn {
  /** The expression's own text, or its alias. */
  readonly name: string;
  readonly expression: Expression;
}

export type Statement =
  | { readonly type: 'set'; readonly assignments: readonly Assignment[] }
  | { readonly type: 'select'; readonly columns: readonly SelectedColumn[] }
  /** Null: all of them. */
  | { readonly type: 'showVariables'; readonly like: string | null }
  | { readonly type: 'showBinlogStatus' }
  | { readonly type: 'showBinlogs' }
  | { readonly type: 'showReplicas'; readonly legacy: boolean }
  | {
      readonly type: 'showBinlogEvents';
      readonly file: string | null;
      readonly from: number | null;
      readonly offset: number;
      readonly limit: number | null;
    }
  /** Known to be empty here: warnings, status counters. */
  | { readonly type: 'showNothing'; readonly columns: readonly string[] }
  | { readonly type: 'kill'; readonly connectionId: number };
