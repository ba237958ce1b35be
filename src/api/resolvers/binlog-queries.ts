import { Arg, Authorized, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { refuse } from '../../common/refused.js';
import { GtidSetError } from '../../binlog/protocol/gtid/gtid-set-error.js';
import { parseGtidSet } from '../../binlog/protocol/gtid/gtid-set.js';
import { JournalPurgedError } from '../../binlog/journal/journal-error.js';
import type { Journal as JournalFiles } from '../../binlog/journal/journal.js';
import type { SegmentInfo } from '../../binlog/journal/segment.js';
import type { ApiContext } from '../context.js';
import { presentBinlogServer, presentNamedServer, presentSlaves } from '../present/binlog-servers.js';
import { presentJournal, presentSegment } from '../present/journal.js';
import { memberNamed } from '../present/members.js';
import { presentSyncer } from '../present/syncer.js';
import { DateTimeScalar } from '../scalars.js';
import { BinlogServer, Slave } from '../types/binlog.js';
import { Journal, Segment } from '../types/journal.js';
import { Syncer } from '../types/syncer.js';
import { Member } from '../types/cluster.js';

@Resolver()
export class BinlogQueries {
  @Authorized('VIEWER')
  @Query(() => Syncer, { description: 'The connection to the source. There is one in a cluster.' })
  syncer(@Ctx() { services }: ApiContext): Syncer {
    return presentSyncer(services);
  }

  @Authorized('VIEWER')
  @Query(() => Journal, { description: 'The stored binlog.' })
  journal(@Ctx() { services }: ApiContext): Journal {
    return presentJournal(services);
  }

  @Authorized('VIEWER')
  @Query(() => [BinlogServer], { description: 'All binlog servers, by name.' })
  binlogServers(@Ctx() { services }: ApiContext): BinlogServer[] {
    return services.binlog.view.servers().map((record) => presentBinlogServer(record, services));
  }

  @Authorized('VIEWER')
  @Query(() => BinlogServer, {
    nullable: true,
    description: 'One binlog server; null when there is none of that name.',
  })
  binlogServer(
    @Arg('name', () => String, { description: 'The name of the binlog server.' }) name: string,
    @Ctx() { services }: ApiContext,
  ): BinlogServer | null {
    return presentNamedServer(name, services);
  }

  @Authorized('VIEWER')
  @Query(() => [Slave], { description: 'The slaves that are attached to the binlog servers of all members.' })
  slaves(
    @Arg('binlogServer', () => String, { nullable: true, description: 'Only those of this one.' })
    binlogServer: string | null | undefined,
    @Ctx() { services }: ApiContext,
  ): Slave[] {
    return presentSlaves(binlogServer ?? null, services);
  }
}

@Resolver(() => Journal)
export class JournalFields {
  @FieldResolver(() => [Segment], {
    description:
      'The files of the journal, oldest first, as the answering member has them. At most one of the two arguments; an error when a set ' +
      'cannot be covered.',
  })
  segments(
    @Arg('at', () => DateTimeScalar, {
      nullable: true,
      description:
        'Only segments with a transaction at or before that time, for recovery to a point in time.',
    })
    at: Date | null | undefined,
    @Arg('covering', () => String, {
      nullable: true,
      description: 'The fewest that hold that GTID set.',
    })
    covering: string | null | undefined,
    @Ctx() { services }: ApiContext,
  ): Segment[] {
    const { journal } = services.binlog;
    if (at != null && covering != null) refuse('INVALID_INPUT', 'covering', 'Give at or covering, not both.');
    if (!journal) return [];
    const found =
      covering != null
        ? coveringSegments(journal, covering)
        : at
          ? journal.segmentsAt(at)
          : journal.segments();
    return found.filter(({ startOffset }) => startOffset < journal.committedOffset).map(presentSegment);
  }
}

function coveringSegments(journal: JournalFiles, text: string): SegmentInfo[] {
  if (journal.flavour === null) return refuse('NOT_FOUND', 'covering', 'The journal is empty.');
  try {
    return journal.segmentsCovering(parseGtidSet(journal.flavour, text));
  } catch (error) {
    if (error instanceof GtidSetError) refuse('INVALID_INPUT', 'covering', error.message, { cause: error });
    if (error instanceof JournalPurgedError) refuse('NOT_FOUND', 'covering', error.message, { cause: error });
    throw error;
  }
}

@Resolver(() => Slave)
export class SlaveFields {
  @FieldResolver(() => BinlogServer, { description: 'The binlog server to which the slave is attached.' })
  binlogServer(@Root() { serverName }: Slave, @Ctx() { services }: ApiContext): BinlogServer {
    return (
      presentNamedServer(serverName, services) ??
      refuse('NOT_FOUND', 'binlogServer', `Binlog server ${serverName} was removed meanwhile.`)
    );
  }

  @FieldResolver(() => Member, { description: 'The member at which it is attached.' })
  member(@Root() { memberName }: Slave, @Ctx() { services }: ApiContext): Member {
    return memberNamed(memberName, services);
  }
}
