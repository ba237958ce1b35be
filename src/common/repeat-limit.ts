/**
 * Lets one event of each kind through in an interval and counts those between, so that what strangers provoke cannot
 * fill a log. There must be few kinds, none of them made of what strangers send.
 */
export class RepeatLimit<Kind> {
  private readonly kinds = new Map<Kind, { quietUntil: number; suppressed: number }>();

  constructor(
    private readonly intervalMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** How many of the kind were suppressed since the last that was let through; null: this one is suppressed too. */
  admit(kind: Kind): number | null {
    const now = this.now();
    const known = this.kinds.get(kind);
    if (known !== undefined && now < known.quietUntil) {
      known.suppressed++;
      return null;
    }
    this.kinds.set(kind, { quietUntil: now + this.intervalMs, suppressed: 0 });
    return known?.suppressed ?? 0;
  }
}
