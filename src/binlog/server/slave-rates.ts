import { RateMeter } from '../rate-meter.js';

interface Meters {
  readonly events: RateMeter;
  readonly bytes: RateMeter;
}

/** How fast each slave is sent the binlog. */
export class SlaveRates {
  private readonly meters = new Map<number, Meters>();

  note(connectionId: number, events: number, bytes: number): void {
    let meters = this.meters.get(connectionId);
    if (!meters)
      this.meters.set(connectionId, (meters = { events: new RateMeter(), bytes: new RateMeter() }));
    meters.events.note(events);
    meters.bytes.note(bytes);
  }

  of(connectionId: number): { readonly eventsPerSecond: number; readonly bytesPerSecond: number } {
    const meters = this.meters.get(connectionId);
    return {
      eventsPerSecond: meters?.events.perSecond ?? 0,
      bytesPerSecond: meters?.bytes.perSecond ?? 0,
    };
  }

  forget(connectionId: number): void {
    this.meters.delete(connectionId);
  }
}
