import { VERSION } from '../../common/version.js';
import type { StateView } from '../view.js';
import { finding, type Finding } from './finding.js';

/** Records that this member cannot read: what it decides and shows of them is old. */
export function recordFindings(view: StateView): Finding[] {
  return view.unreadable().map(({ key, reason }) =>
    finding({
      code: 'RECORD_UNREADABLE',
      severity: 'CRITICAL',
      subject: `record/${key}`,
      message: `This member, of version ${VERSION}, goes by an old value of a record. ${reason} Update this member.`,
      consequence: { summary: 'This member neither confirms nor makes changes that rest on this record.' },
      remedies: [{ title: 'Update this member to the version of the others.' }],
    }),
  );
}
