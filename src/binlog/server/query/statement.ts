/** What can be computed: all that replicas and their tools ask for. */
export type Expression =
  | { readonly type: 'literal'; readonly kind: 'string' | 'number' | 'null'; readonly value: string }
  | { readonly type: 'userVariable'; readonly name: string }
  /** Without its scope. */
  | { readonly type: 'systemVariable'; readonly name: string }
  | {
      readonly type: 'function';
      /** As it was written. */
      readonly name: string;
      readonly arguments: readonly Expression[];
    };

/** Of what is set otherwise, such as NAMES and transaction settings, we take note by accepting it. */
export interface Assignment {
  readonly target: 'userVariable' | 'systemVariable';
  /** In small letters; of a system variable without its scope. */
  readonly name: string;
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
  /** `legacy`: with the words that were used before MySQL 8.0.22. */
  | { readonly type: 'showReplicas'; readonly legacy: boolean }
  | { readonly type: 'showReplicaStatus'; readonly legacy: boolean; readonly all: boolean }
  | {
      readonly type: 'showBinlogEvents';
      readonly file: string | null;
      readonly from: number | null;
      readonly offset: number;
      readonly limit: number | null;
    }
  /** Known to be empty here. */
  | { readonly type: 'showWarnings' }
  | { readonly type: 'showStatus' }
  | { readonly type: 'kill'; readonly connectionId: number }
  | { readonly type: 'use'; readonly database: string }
  /** A transaction, which has nothing in it here, begins or ends. */
  | { readonly type: 'transaction'; readonly isOpen: boolean };
