import { Field, Int, ObjectType, type ClassType } from 'type-graphql';

@ObjectType({ description: 'The neighbours of a page of a list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there is more behind this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether there is more before this page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Give it as `before` to get the page before; null of an empty page.',
  })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Give it as `after` to get the next page; null of an empty page.',
  })
  endCursor!: string | null;
}

/** An entry of a page, and where it stands in the list. */
interface Edge<T> {
  cursor: string;
  node: T;
}

/** A page of a list. */
export interface Connection<T> {
  edges: Edge<T>[];
  nodes: T[];
  pageInfo: PageInfo;
  totalCount: number;
}

/** The type of pages of a list of such objects: `ActionConnection` with `ActionEdge` of `Action`. */
export function connectionOf<T extends object>(
  type: ClassType<T>,
  description: string,
): ClassType<Connection<T>> {
  @ObjectType(`${type.name}Edge`, { description: 'An entry of a page, and where it stands in the list.' })
  class TypedEdge implements Edge<T> {
    @Field(() => String, { description: 'The place of the entry; it stays when the list grows.' })
    cursor!: string;

    @Field(() => type, { description: 'The entry.' })
    node!: T;
  }

  @ObjectType(`${type.name}Connection`, { description })
  class TypedConnection implements Connection<T> {
    @Field(() => [TypedEdge], { description: 'The page, with the place of each entry.' })
    edges!: TypedEdge[];

    @Field(() => [type], { description: 'The page.' })
    nodes!: T[];

    @Field(() => PageInfo, { description: 'Whether there is more.' })
    pageInfo!: PageInfo;

    @Field(() => Int, { description: 'The number of entries on all pages.' })
    totalCount!: number;
  }
  return TypedConnection;
}
