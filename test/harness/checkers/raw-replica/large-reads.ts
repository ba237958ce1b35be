import { connect, type Socket } from 'node:net';

const READ_BYTES = 512 * 1024;

/**
 * A connection that reads much at a time into one buffer, again and again, so that reading costs a benchmark's client little.
 *
 * @param take is shown what has come before anybody else; it is valid during the call only. Unless it is taken, it comes as
 *   the socket's data, as ever
 */
export function socketWithLargeReads(port: number, take: (chunk: Buffer) => boolean): Socket {
  const onBytes = (length: number, bytes: Uint8Array): boolean => {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, length);
    if (!take(chunk)) socket.emit('data', Buffer.from(chunk));
    return true;
  };
  const onread = { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: onBytes };
  const socket: Socket = connect({ host: '127.0.0.1', port, onread });
  return socket;
}
