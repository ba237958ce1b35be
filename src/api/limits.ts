import {
  GraphQLError,
  Kind,
  type ASTNode,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationRule,
} from 'graphql';

/** Tokens in one document; the largest of our own queries has a few hundred. */
export const MAX_TOKENS = 2_000;
const MAX_DEPTH = 10;
const MAX_ALIASES = 30;
const MAX_DIRECTIVES = 50;
/** The schema as it is asked for by tools; each answer has thousands of values. */
const MAX_INTROSPECTIONS = 2;

/** For whoever asks for more than is given at once. */
export function limitExceeded(message: string, nodes: readonly ASTNode[] = []): GraphQLError {
  return new GraphQLError(message, { nodes, extensions: { code: 'LIMIT_EXCEEDED', http: { status: 400 } } });
}

/** What graphql's own parser throws for a document with too many tokens looks like an error of syntax. */
export function isTooManyTokens(message: string): boolean {
  return /^Syntax Error: Document contains more tha[nt] \d+ tokens/.test(message);
}

/** Rules that every document has to pass, over HTTP and over the websocket alike. */
export const limitRules: readonly ValidationRule[] = [
  (context) => ({
    OperationDefinition(operation) {
      for (const fault of faultsOf(operation, (name) => context.getFragment(name)?.selectionSet)) {
        context.reportError(limitExceeded(fault, [operation]));
      }
    },
  }),
];

interface Counts {
  depth: number;
  aliases: number;
  directives: number;
  introspections: number;
}

/** What is too much in an operation, fragments counted wherever they are spread. */
function faultsOf(
  operation: OperationDefinitionNode,
  fragment: (name: string) => SelectionSetNode | undefined,
): string[] {
  const counts: Counts = {
    ...{ depth: 0, aliases: 0, introspections: 0 },
    directives: operation.directives?.length ?? 0,
  };
  countIn(operation.selectionSet, 1, counts, fragment, new Set());
  const { depth, aliases, directives, introspections } = counts;
  return [
    tooMuch('depth', depth, MAX_DEPTH),
    tooMuch('alias', aliases, MAX_ALIASES),
    tooMuch('directive', directives, MAX_DIRECTIVES),
    tooMuch('introspection', introspections, MAX_INTROSPECTIONS),
  ].filter((fault) => fault !== null);
}

function tooMuch(what: string, found: number, limit: number): string | null {
  return found <= limit ? null : `The query exceeds the ${what} limit of ${limit}.`;
}

/** Ends as soon as something is too much: spread fragments may be many times as long as the document. */
function countIn(
  { selections }: SelectionSetNode,
  depth: number,
  counts: Counts,
  fragment: (name: string) => SelectionSetNode | undefined,
  within: Set<string>,
): void {
  for (const selection of selections) {
    if (counts.aliases > MAX_ALIASES || counts.directives > MAX_DIRECTIVES || counts.depth > MAX_DEPTH)
      return;
    counts.directives += selection.directives?.length ?? 0;
    if (selection.kind === Kind.FIELD) {
      countField(selection, depth, counts, fragment, within);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      countIn(selection.selectionSet, depth, counts, fragment, within);
    } else {
      const name = selection.name.value;
      const set = fragment(name);
      // Fragments in circles are refused by a rule of graphql's own.
      if (set === undefined || within.has(name)) continue;
      within.add(name);
      countIn(set, depth, counts, fragment, within);
      within.delete(name);
    }
  }
}

function countField(
  field: FieldNode,
  depth: number,
  counts: Counts,
  fragment: (name: string) => SelectionSetNode | undefined,
  within: Set<string>,
): void {
  if (field.alias !== undefined) counts.aliases++;
  // Graphql itself limits how deep it goes.
  if (field.name.value === '__schema' || field.name.value === '__type') {
    counts.introspections++;
    return;
  }
  counts.depth = Math.max(counts.depth, depth);
  if (field.selectionSet) countIn(field.selectionSet, depth + 1, counts, fragment, within);
}
