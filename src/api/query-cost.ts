import {
  getArgumentValues,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { ERROR_KINDS } from '../redis/error-kinds.js';
import { SLOT_COUNT } from '../redis/slots.js';
import type { Services } from './context.js';
import { limitExceeded } from './limits.js';
import { DEFAULT_PAGE, MAX_PAGE } from './paging.js';

/** Values in one answer. All fields of all slots are about a third of it. */
export const MAX_COST = 100_000;
/** Fields that are the page of a connection. */
const PAGED: ReadonlySet<string> = new Set(['nodes', 'edges']);
/** The length that is assumed for lists of which nothing else is known. */
const USUAL_LENGTH = 10;

type Arguments = Readonly<Record<string, unknown>>;
type Length = (services: Services, args: Arguments) => number;

const members: Length = ({ membership }) => membership.members.length;
const proxies: Length = ({ topology }) => topology.proxies().length;
const servers: Length = ({ topology }) =>
  Math.max(0, ...topology.groups().map((group) => group.value.servers.length));
const slots: Length = (_, { from, to }) =>
  Math.min(SLOT_COUNT, 1 + numberOr(to, SLOT_COUNT - 1) - numberOr(from, 0));
const allSlots: Length = () => SLOT_COUNT;
const slaves: Length = ({ binlog }) => binlog.slaves().length;
/** One every two seconds, for a quarter of an hour. */
const samples: Length = () => 450;

/** How long lists are, by type and field: as they are now, or as long as they can be. */
const LENGTHS: Readonly<Record<string, Length>> = {
  'Query.slots': slots,
  'Query.slotRanges': allSlots,
  'Query.groups': ({ topology }) => topology.groups().length,
  'Query.proxies': proxies,
  'Query.members': members,
  'Query.slaves': slaves,
  'Query.throughput': samples,
  'Query.binlogServers': ({ binlog }) => binlog.view.servers().length,
  'Subscription.slotStatus': slots,
  'Subscription.slaveStatus': slaves,
  'Subscription.throughputStatus': samples,
  'Group.servers': servers,
  'Cluster.members': members,
  'Cluster.problems': ({ problems }) => problems.list().length,
  'Journal.segments': ({ binlog }) => binlog.journal?.segmentCount ?? 0,
  'JournalCopy.holders': members,
  'Action.receivers': proxies,
  'Statistics.errorsPerSecond': () => ERROR_KINDS.length,
  'LatencyDistribution.buckets': () => 64,
  'LatencyDistribution.percentiles': (_, { of }) => (Array.isArray(of) ? of.length : 3),
  'ProxyStatistics.commands': () => 300,
  'ProxyStatistics.latency': () => 64,
  'ProxyStatistics.slowLog': () => 128,
};

/**
 * Why an operation is not executed: its answer would have too many values. Lists count with what they hold now, or
 * can hold at most, so that names and depth alone say nothing of it. Null: it may be executed.
 */
export function tooCostly(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Arguments | null | undefined,
  services: Services,
): GraphQLError | null {
  const root = schema.getRootType(operation.operation);
  if (!root) return null;
  const cost = new Cost(schema, document, variables ?? {}, services);
  cost.add(root, operation.selectionSet, 1, 0);
  if (cost.total <= MAX_COST) return null;
  return limitExceeded(
    `The query costs more than ${MAX_COST}, which is about how many values its answer may have: ask for fewer fields, ` +
      'smaller ranges or pages.',
  );
}

class Cost {
  total = 0;
  private readonly fragments = new Map<string, FragmentDefinitionNode>();

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly variables: Arguments,
    private readonly services: Services,
  ) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition);
    }
  }

  /**
   * @param times how many objects of the type there are
   * @param page how many entries the type has, if it is a page of a list
   */
  add(type: GraphQLObjectType, { selections }: SelectionSetNode, times: number, page: number): void {
    for (const selection of selections) {
      if (this.total > MAX_COST) return;
      if (selection.kind === Kind.FIELD) {
        this.addField(type, selection, times, page);
      } else {
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value);
        // On an interface every object may be of the fragment's type: it counts as if it were.
        if (fragment) this.add(this.objectNamed(fragment, type), fragment.selectionSet, times, page);
      }
    }
  }

  private addField(type: GraphQLObjectType, field: FieldNode, times: number, page: number): void {
    const name = field.name.value;
    const definition = type.getFields()[name];
    this.total += times;
    if (!definition || !field.selectionSet) return;
    const args = this.argumentsOf(definition, field);
    const isList = isListType(getNullableType(definition.type));
    const named = getNamedType(definition.type);
    if (!isCompositeType(named)) return;
    const length = !isList
      ? 1
      : PAGED.has(name) && page > 0
        ? page
        : (LENGTHS[`${type.name}.${name}`] ?? (name === 'slots' ? allSlots : usual))(this.services, args);
    const pageSize = Math.min(MAX_PAGE, numberOr(args['last'], numberOr(args['first'], DEFAULT_PAGE)));
    const objects = isObjectType(named) ? [named] : this.schema.getPossibleTypes(named);
    // Of several possible types, the one that costs the most would be right; one of them is asked for in practice.
    const [object] = objects;
    if (object) this.add(object, field.selectionSet, times * Math.max(1, length), pageSize);
  }

  private objectNamed(
    { typeCondition }: { readonly typeCondition?: { readonly name: { readonly value: string } } | undefined },
    otherwise: GraphQLObjectType,
  ): GraphQLObjectType {
    const type = typeCondition && this.schema.getType(typeCondition.name.value);
    return isObjectType(type) ? type : otherwise;
  }

  private argumentsOf(definition: Parameters<typeof getArgumentValues>[0], field: FieldNode): Arguments {
    try {
      return getArgumentValues(definition, field, this.variables);
    } catch {
      // Executing it will say what is wrong with them.
      return {};
    }
  }
}

const usual: Length = () => USUAL_LENGTH;

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
