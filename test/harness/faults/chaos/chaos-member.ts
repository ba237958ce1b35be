import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../servers/ports.js';
import { QuorateMember } from '../../servers/quorate.js';
import { smallDisk } from '../small-disk.js';
import { TcpRelay } from '../../servers/tcp-relay.js';
import { temporaryDirectory } from '../../servers/tmp.js';

/** Exit status of a member that was taken out of the cluster. */
export const REMOVED_STATUS = 5;

export interface ChaosMemberOptions {
  readonly name: string;
  readonly etcd: readonly string[];
  /** Null: the first one, which makes it. */
  readonly secretKey: string | null;
  /** Of a file system of its own, null: on the machine's. */
  readonly diskMegabytes: number | null;
  /** Whether the other members reach it directly, and not over the relay. */
  readonly isDirect: boolean;
}

/** A member that can be killed, stopped, cut off, filled up and taken away. */
export class ChaosMember {
  private constructor(
    readonly name: string,
    /** Where its binlog server is to listen. */
    readonly slavePort: number,
    readonly directory: string,
    /** Between the other members and its journal. */
    readonly relay: TcpRelay,
    private readonly launch: () => Promise<QuorateMember>,
    private readonly ownDisk: string | null,
    private running: QuorateMember,
  ) {}

  static async start(options: ChaosMemberOptions): Promise<ChaosMember> {
    const { name, etcd, secretKey } = options;
    const ownDisk = options.diskMegabytes === null ? null : smallDisk(options.diskMegabytes);
    const directory = join(ownDisk ?? temporaryDirectory('chaos'), name);
    mkdirSync(directory);
    const [port, peerPort] = [await freePort(), await freePort()];
    const relay = await TcpRelay.start(peerPort);
    const launch = () =>
      QuorateMember.launch({
        ...{ name, etcd, port, dataDir: directory, ...(secretKey !== null && { secretKey }) },
        args: [
          ...['--peer-listen', `127.0.0.1:${peerPort}`],
          ...(options.isDirect ? [] : ['--peer-advertise', relay.address]),
        ],
      });
    const running = await launch();
    const slavePort = await freePort();
    return new ChaosMember(name, slavePort, directory, relay, launch, ownDisk, running);
  }

  /** Its API. */
  get api(): QuorateMember {
    return this.running;
  }

  get hasOwnDisk(): boolean {
    return this.ownDisk !== null;
  }

  get journalDirectory(): string {
    return join(this.directory, 'journal');
  }

  async kill(): Promise<void> {
    await this.running.kill();
  }

  async restart(): Promise<void> {
    this.running = await this.launch();
  }

  freeze(): void {
    this.running.process.signal('SIGSTOP');
  }

  resume(): void {
    this.running.process.signal('SIGCONT');
  }

  /** Takes all away that makes it this member. */
  wipe(): void {
    rmSync(this.journalDirectory, { recursive: true, force: true });
    rmSync(join(this.directory, 'member.json'), { force: true });
  }

  /** Leaves no byte on its disk. */
  fillDisk(): void {
    const piece = Buffer.alloc(1024 * 1024);
    for (let size = piece.length; size >= 1; size = Math.floor(size / 16)) {
      try {
        for (;;) writeFileSync(this.filler, piece.subarray(0, size), { flag: 'a' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  }

  freeDisk(): void {
    rmSync(this.filler, { force: true });
  }

  async stop(): Promise<void> {
    this.resume();
    await this.running.kill();
    await this.relay.stop();
  }

  private get filler(): string {
    return join(this.ownDisk!, 'filler');
  }
}
