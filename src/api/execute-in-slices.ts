import {
  defaultFieldResolver,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import { slices } from './slices.js';

/** So many items of a list are completed in one go. */
const ITEMS_AT_ONCE = 16;

type Resolver = GraphQLFieldResolver<unknown, unknown, Record<string, unknown>, unknown>;

/**
 * Makes the execution of queries give way: graphql itself completes lists, and lists in lists, in one go. A field of
 * the query begins when it has its turn, and of lists only the first items are there at once, and none while the slice is used up.
 */
export function executeInSlices(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const isQuery = type === schema.getQueryType();
    for (const field of Object.values(type.getFields())) {
      const isList = isListType(getNullableType(field.type)) && isCompositeType(getNamedType(field.type));
      if (!isQuery && !isList) continue;
      const resolve = (field.resolve ?? defaultFieldResolver) as Resolver;
      const inPieces: Resolver = isList ? (...args) => then(resolve(...args), pieces) : resolve;
      field.resolve = isQuery ? (...args) => slices.turn().then(() => inPieces(...args)) : inPieces;
    }
  }
}

function then(value: unknown, next: (value: unknown) => unknown): unknown {
  return value instanceof Promise ? value.then(next) : next(value);
}

function pieces(list: unknown): unknown {
  if (!Array.isArray(list)) return list;
  const atOnce = slices.hasTime ? ITEMS_AT_ONCE : 0;
  if (list.length <= atOnce) return list;
  let turn: Promise<void> | undefined;
  return list.map((item: unknown, i) => {
    if (i < atOnce) return item;
    if (i % ITEMS_AT_ONCE === 0) turn = slices.turn();
    return turn!.then(() => item);
  });
}
