import { finding, type Finding } from '../problems/finding.js';
import { isRunning, majority, votersOf } from './health.js';
import type { MembershipView } from './membership-view.js';

/**
 * Members that should run and do not, and what that means.
 *
 * @param joinTroubles why members that have caught up do not vote yet, by name, as the leader knows
 */
export function membershipFindings(
  membership: MembershipView,
  joinTroubles: ReadonlyMap<string, string>,
): Finding[] {
  const voters = votersOf(membership);
  const down = voters.filter((member) => !isRunning(membership, member));
  const running = voters.length - down.length;
  const needed = majority(voters.length);
  const findings = down.map(({ name }) =>
    finding({
      code: 'MEMBER_DOWN',
      severity: 'WARNING',
      subject: `member/${name}`,
      message: `Member ${name} does not run, or is not in touch with the coordinator.`,
      consequence: {
        summary: `${running} of ${voters.length} members that vote run; the journal needs ${needed} to commit.`,
        redundancyLost: true,
      },
      remedies: [
        { title: `Start member ${name} again.` },
        {
          title: 'Remove it, if it is not to come back.',
          mutation: 'removeMember',
          variables: { input: { name } },
        },
      ],
    }),
  );
  if (running < needed) {
    findings.push(
      finding({
        code: 'QUORUM_LOST',
        severity: 'CRITICAL',
        subject: 'members',
        message:
          `Only ${running} of ${voters.length} members that vote run, ${needed} are needed: nothing can ` +
          'be committed to the journal. Start the others.',
        consequence: { summary: 'Nothing is committed to the journal.', redundancyLost: true },
        remedies: [{ title: 'Start the members that do not run.' }],
      }),
    );
  }
  for (const [name, reason] of joinTroubles) {
    findings.push(
      finding({
        code: 'MEMBER_LAGS',
        severity: 'WARNING',
        subject: `member/${name}`,
        message: `Member ${name} has caught up and does not vote yet: ${reason}`,
        consequence: { summary: 'It does not count for the quorum of the journal.', redundancyLost: true },
        remedies: [
          { title: 'Start it with a peer address at which the others reach it.' },
          { title: 'Remove it.', mutation: 'removeMember', variables: { input: { name } } },
        ],
      }),
    );
  }
  return findings;
}
