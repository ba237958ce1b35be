import { Arg, Authorized, Resolver, Root, Subscription } from 'type-graphql';
import {
  binlogServerStream,
  journalStream,
  slaveStream,
  syncerStream,
} from '../subscriptions/binlog-sources.js';
import { BinlogServer, Slave } from '../types/binlog.js';
import { Journal } from '../types/journal.js';
import { Syncer } from '../types/syncer.js';
import { source } from './source.js';

@Resolver()
export class BinlogSubscriptions {
  @Authorized('VIEWER')
  @Subscription(() => Syncer, {
    description: 'The syncer as it is, then whenever it changes; at most ten times a second.',
    subscribe: source(({ context }) => syncerStream(context.services)),
  })
  syncerStatus(@Root() syncer: Syncer): Syncer {
    return syncer;
  }

  @Authorized('VIEWER')
  @Subscription(() => Journal, {
    description: 'The journal as it is, then as it grows; at most ten times a second.',
    subscribe: source(({ context }) => journalStream(context.services)),
  })
  journalStatus(@Root() journal: Journal): Journal {
    return journal;
  }

  @Authorized('VIEWER')
  @Subscription(() => BinlogServer, {
    description:
      'Every binlog server as it is, then each that changes, its slaves included; each at most ten times a second.',
    subscribe: source<{ name?: string | null }, BinlogServer>(({ args, context }) =>
      binlogServerStream(context.services, args.name ?? undefined),
    ),
  })
  binlogServerStatus(
    @Root() binlogServer: BinlogServer,
    @Arg('name', () => String, { nullable: true, description: 'Only this one.' }) _name?: string | null,
  ): BinlogServer {
    return binlogServer;
  }

  @Authorized('VIEWER')
  @Subscription(() => [Slave], {
    description:
      'All slaves attached to any member, then all again whenever one of them changes, comes or goes; at most ' +
      'ten times a second.',
    subscribe: source<{ binlogServer?: string | null }, Slave[]>(({ args, context }) =>
      slaveStream(context.services, args.binlogServer ?? undefined),
    ),
  })
  slaveStatus(
    @Root() slaves: Slave[],
    @Arg('binlogServer', () => String, { nullable: true, description: 'Only those of this one.' })
    _binlogServer?: string | null,
  ): Slave[] {
    return slaves;
  }
}
