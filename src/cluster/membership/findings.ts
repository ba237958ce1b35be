import type { Finding } from '../problems.js';
import { isRunning, majority, votersOf } from './health.js';
import type { Membership } from './membership.js';

/** Members that should run and do not, and what that means. */
export function membershipFindings(membership: Membership): Finding[] {
  const voters = votersOf(membership);
  const down = voters.filter((member) => !isRunning(membership, member));
  const findings = down.map(({ name }): Finding => ({
    severity: 'WARNING',
    subject: `member/${name}`,
    message: `Member ${name} does not run, or is not in touch with the coordinator.`,
  }));
  const needed = majority(voters.length);
  if (voters.length - down.length < needed) {
    findings.push({
      severity: 'CRITICAL',
      subject: 'members',
      message:
        `Only ${voters.length - down.length} of ${voters.length} members that vote run, ${needed} are needed: nothing can ` +
        'be committed to the journal. Start the others.',
    });
  }
  return findings;
}
