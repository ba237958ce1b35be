import type { PeerChannel } from './peer/channel.js';

interface Running {
  readonly channel: PeerChannel;
  readonly done: Promise<void>;
}

/** The leader's conversations with its followers, one with each. */
export class FollowerStreams {
  private readonly running = new Map<string, Running>();
  private hasEnded = false;

  /** A second one with the same member ends the first: that is one whose end has not been noticed yet. */
  async run(id: string, channel: PeerChannel, work: () => Promise<void>): Promise<void> {
    for (let before = this.running.get(id); before; before = this.running.get(id)) {
      before.channel.close();
      await before.done;
    }
    if (this.hasEnded) return channel.close();
    const outcome = work();
    const done = outcome.catch(() => undefined).then(() => void this.running.delete(id));
    this.running.set(id, { channel, done });
    await done;
    await outcome;
  }

  /** All of them come again, under the newest term. */
  startOver(): void {
    for (const { channel } of this.running.values()) channel.close();
  }

  /** None comes again. */
  end(): void {
    this.hasEnded = true;
    this.startOver();
  }
}
