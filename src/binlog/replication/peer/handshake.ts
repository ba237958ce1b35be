import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { QuorateError } from '../../../common/errors.js';
import type { FrameSocket } from './frame-socket.js';

/**
 * Members of one major version understand each other: within it, messages and fields are only added, and whoever does not
 * know one leaves it out.
 */
const PROTOCOL = { major: 1, minor: 0 };

/** Before it is known who it is, nobody may send more. */
const MAX_HELLO_BYTES = 4 * 1024;

/** The other side is not who it says, not of this cluster, or of a version that does not go with this one. */
export class HandshakeError extends QuorateError {
  constructor(message: string) {
    super('PEER_HANDSHAKE', message);
  }
}

export interface PeerIdentity {
  readonly cluster: string;
  readonly member: string;
  readonly id: string;
}

const hello = z.object({
  type: z.literal('hello'),
  protocol: z.object({ major: z.number().int(), minor: z.number().int() }),
  cluster: z.string(),
  member: z.string(),
  id: z.string(),
  nonce: z.string().min(32),
});
type Hello = z.infer<typeof hello>;

const proof = z.object({ type: z.literal('proof'), proof: z.string() });
const refusal = z.object({ type: z.literal('refused'), message: z.string() });

/**
 * Both sides show that they know the cluster's key, by a code over everything that both have said. Neither shows it before
 * it has chosen a number of its own, so that no answer can be used again.
 *
 * @param key of the cluster
 * @returns who the other side is
 * @throws HandshakeError, FrameError, and whatever broke the connection
 */
export async function greet(
  socket: FrameSocket,
  role: 'caller' | 'listener',
  own: PeerIdentity,
  key: Buffer,
): Promise<PeerIdentity> {
  const mine: Hello = {
    ...{ type: 'hello', protocol: PROTOCOL, cluster: own.cluster, member: own.member, id: own.id },
    nonce: randomBytes(24).toString('base64'),
  };
  await socket.send(mine);
  const theirs = hello.parse(await receive(socket, hello));
  try {
    checkHello(own, theirs);
    const [caller, listener] = role === 'caller' ? [mine, theirs] : [theirs, mine];
    const said = JSON.stringify([caller, listener].map(essence));
    // The listener shows it only to one that has: it does not help anyone to guess the key.
    if (role === 'caller') await socket.send({ type: 'proof', proof: code(key, 'caller', said) });
    const other = role === 'caller' ? 'listener' : 'caller';
    const shown = (await receive(socket, proof)) as z.infer<typeof proof>;
    if (!isSame(shown.proof, code(key, other, said))) throw new HandshakeError('It has another secret key.');
    if (role === 'listener') await socket.send({ type: 'proof', proof: code(key, 'listener', said) });
  } catch (error) {
    if (error instanceof HandshakeError)
      await socket.send({ type: 'refused', message: error.message }).catch(() => undefined);
    throw error;
  }
  return { cluster: theirs.cluster, member: theirs.member, id: theirs.id };
}

function checkHello(own: PeerIdentity, { protocol, cluster, member }: Hello): void {
  if (protocol.major !== PROTOCOL.major) {
    throw new HandshakeError(
      `Members of protocol ${PROTOCOL.major} and ${protocol.major} do not understand each other. Update the older one.`,
    );
  }
  if (cluster !== own.cluster)
    throw new HandshakeError(`It belongs to cluster ${cluster}, this one to ${own.cluster}.`);
  if (member === own.member)
    throw new HandshakeError(`Member ${member} answers there, which is the caller itself.`);
}

/** The part of a hello that both sides know whatever their versions are. */
function essence({ protocol, cluster, member, id, nonce }: Hello): unknown {
  return [protocol.major, protocol.minor, cluster, member, id, nonce];
}

async function receive(socket: FrameSocket, schema: z.ZodType): Promise<unknown> {
  const frame = await socket.receive(MAX_HELLO_BYTES);
  if (frame === null) throw new HandshakeError('It has hung up.');
  const parsed = schema.safeParse(frame.description);
  if (parsed.success) return parsed.data;
  const refused = refusal.safeParse(frame.description);
  // What others send is not to fill the log.
  const why = refused.success
    ? refused.data.message.slice(0, 500)
    : 'It says something else than is its turn.';
  throw new HandshakeError(why);
}

function code(key: Buffer, role: 'caller' | 'listener', said: string): string {
  return createHmac('sha256', key).update(`quorate peer ${role}\n${said}`).digest('base64');
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one, 'base64'), Buffer.from(other, 'base64')];
  return a.length === b.length && timingSafeEqual(a, b);
}
