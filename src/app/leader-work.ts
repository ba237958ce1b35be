import { Candidacy } from '../cluster/candidacy.js';
import type { LeaderWork } from '../cluster/leader-runtime.js';
import { keepProblemTimes } from '../cluster/problems/problem-times.js';
import { forgetOldRecords } from '../cluster/retention.js';
import { Migrator } from '../redis/migration/migrator.js';
import type { Logger } from '../telemetry/logger.js';
import type { MemberParts } from './member-parts.js';

/** When this member may lead, and what it does while it leads. */
export function leaderWork(
  { name, membership, services }: MemberParts,
  barrierTimeoutMs: number,
  log: Logger,
): LeaderWork {
  const { binlog } = services;
  const migrator = new Migrator({ ...services, barrierTimeoutMs, log });
  return {
    candidacy: new Candidacy(membership, name, () => binlog.canLead),
    async duty(leadership) {
      const others = [
        forgetOldRecords(services, leadership, log),
        keepProblemTimes(services, leadership, log),
        services.commitProof.keep(leadership),
        binlog.run(leadership),
        services.joinDuty.run(leadership),
      ];
      try {
        await migrator.run(leadership);
      } finally {
        await leadership.resign();
        await Promise.all(others);
      }
    },
  };
}
