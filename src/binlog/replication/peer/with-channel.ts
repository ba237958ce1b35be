import type { PeerChannel, PeerNetwork } from './channel.js';

/**
 * Talks to a member, and ends the conversation when the work is done or the signal aborts.
 *
 * @throws PeerUnreachableError, and whatever the work throws
 */
export async function withChannel(
  network: PeerNetwork,
  member: string,
  signal: AbortSignal,
  work: (channel: PeerChannel) => Promise<void>,
): Promise<void> {
  const channel = await network.connect(member, signal);
  const end = (): void => channel.close();
  signal.addEventListener('abort', end, { once: true });
  try {
    signal.throwIfAborted();
    await work(channel);
  } finally {
    signal.removeEventListener('abort', end);
    channel.close();
  }
}
