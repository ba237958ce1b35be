import { FEATURE_LEVEL } from '../../common/version.js';
import { collections } from '../../cluster/records.js';
import { refuse } from '../../common/refused.js';
import type { Topology } from './topology.js';

interface Announcement {
  /** `member m1` or `proxy p1`, with its version. */
  readonly who: string;
  readonly level: number;
}

/** What all members that run, and all proxies that may serve, understand of the stored state. */
export class FeatureLevels {
  constructor(private readonly topology: Topology) {}

  /** The lowest that any of them announces; this build's own when there is none. */
  get common(): number {
    return Math.min(FEATURE_LEVEL, ...this.announcements().map(({ level }) => level));
  }

  /** Refuses what somebody would misunderstand, with the names of who is behind. */
  require(level: number, what: string): void {
    const behind = this.announcements().filter((each) => each.level < level);
    if (behind.length === 0) return;
    refuse(
      'PRECONDITION_FAILED',
      null,
      `${what} is understood only by newer versions than some of these run. Update them first: ` +
        `${behind.map(({ who }) => who).join(', ')}.`,
    );
  }

  private announcements(): Announcement[] {
    const members = this.topology.view.list(collections.members).map(({ value }) => ({
      who: `member ${value.name} (${value.version})`,
      level: value.featureLevel,
    }));
    const proxies = this.topology.activeProxies().map(({ record: { value } }) => ({
      who: `proxy ${value.name} (${value.version})`,
      level: value.featureLevel,
    }));
    return [...members, ...proxies];
  }
}
