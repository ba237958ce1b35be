import { execFile } from 'node:child_process';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createCertificates, type Certificates } from './certificates.js';
import { freePort } from './ports.js';
import { testHost, type Host } from './host.js';
import { untilReady, type TestProcess } from './process.js';
import { TcpRelay } from './tcp-relay.js';

const run = promisify(execFile);

export interface EtcdOptions {
  readonly members?: 1 | 3;
  /** Turns authentication on, with this password of the user root. */
  readonly rootPassword?: string;
  /** Serves clients over TLS; with 'mutual', clients have to show a certificate of the same authority. */
  readonly tls?: 'server' | 'mutual';
  /** Puts a relay in front of each member's peers, so that `isolate` can cut a member off from the others. */
  readonly peerRelays?: boolean;
  /** More arguments for each member. */
  readonly args?: readonly string[];
  readonly host?: Host;
}

/** One etcd process on private loopback ports. */
export class EtcdMember {
  private child: TestProcess | undefined;

  constructor(
    readonly name: string,
    readonly clientPort: number,
    private readonly args: readonly string[],
    readonly peerRelay: TcpRelay | undefined,
    private readonly certificates: Certificates | undefined,
    private readonly host: Host,
  ) {}

  /** "http://127.0.0.1:port", or https. */
  get endpoint(): string {
    return `${this.certificates === undefined ? 'http' : 'https'}://127.0.0.1:${this.clientPort}`;
  }

  /** `name=url`, as it was started. */
  get initialCluster(): string {
    return this.args[this.args.indexOf('--initial-cluster') + 1]!;
  }

  launch(): void {
    this.child = this.host.launch(this.name.replace('m', 'etcd'), { command: 'etcd', args: this.args });
  }

  async ready(): Promise<void> {
    await untilReady(this.process, () => this.isHealthy());
  }

  async start(): Promise<void> {
    this.launch();
    await this.ready();
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    await this.child?.end('SIGKILL');
  }

  /** Stops it without closing its connections; `resume` goes on. */
  freeze(): void {
    this.process.signal('SIGSTOP');
  }

  resume(): void {
    this.process.signal('SIGCONT');
  }

  /** Healthy means that it has a leader and can commit. */
  isHealthy(): Promise<boolean> {
    const { certificates } = this;
    return new Promise((resolve) => {
      const onAnswer = (response: NodeJS.ReadableStream) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve(body.includes('"health":"true"')));
      };
      const request =
        certificates === undefined
          ? httpGet(`${this.endpoint}/health`, { timeout: 2_000 }, onAnswer)
          : httpsGet(`${this.endpoint}/health`, { timeout: 2_000, ...pick(certificates) }, onAnswer);
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(false));
    });
  }

  /** Runs etcdctl against this member. */
  async ctl(...args: string[]): Promise<string> {
    const tls =
      this.certificates === undefined
        ? []
        : [
            '--cacert',
            this.certificates.caFile,
            '--cert',
            this.certificates.certFile,
            '--key',
            this.certificates.keyFile,
          ];
    const { stdout } = await run('etcdctl', ['--endpoints', this.endpoint, ...tls, ...args], {
      env: { ...process.env, ETCDCTL_API: '3' },
    });
    return stdout;
  }

  private get process(): TestProcess {
    if (this.child === undefined) throw new Error(`The etcd member ${this.name} is not started.`);
    return this.child;
  }
}

export class EtcdCluster {
  constructor(
    readonly members: readonly EtcdMember[],
    readonly certificates: Certificates | undefined,
    private readonly directory: string,
    private readonly host: Host,
  ) {}

  get endpoints(): string[] {
    return this.members.map((member) => member.endpoint);
  }

  /** The first member: the only one of a single-member cluster. */
  get first(): EtcdMember {
    const [member] = this.members;
    if (member === undefined) throw new Error('The cluster has no members.');
    return member;
  }

  /** The member that leads at this moment. */
  async leader(): Promise<EtcdMember> {
    for (const member of this.members) {
      const text = await member.ctl('endpoint', 'status', '--write-out', 'json').catch(() => undefined);
      if (text === undefined) continue;
      const [status] = JSON.parse(text) as [{ Status: { leader: number; header: { member_id: number } } }];
      if (status.Status.leader === status.Status.header.member_id) return member;
    }
    throw new Error('No member leads.');
  }

  /** Cuts a member off from the other members, in both directions, but not from its clients. */
  async isolate(member: EtcdMember): Promise<void> {
    const list = await member.ctl('member', 'list');
    const id = list
      .split('\n')
      .find((line) => line.includes(`, ${member.name}, `))
      ?.split(',')[0];
    if (id === undefined) throw new Error(`The etcd member ${member.name} is not in the list:\n${list}`);
    for (const { peerRelay } of this.members) {
      if (peerRelay === undefined)
        throw new Error('The cluster was started without relays between its members.');
      // Each request between members says who sent it.
      peerRelay.judge = (chunk) => (chunk.includes(`X-Server-From: ${id}`) ? 'cut' : 'forward');
      peerRelay.dropAll();
    }
    member.peerRelay?.cut();
  }

  /** Ends every isolation. */
  reunite(): void {
    for (const { peerRelay } of this.members) {
      if (peerRelay === undefined) continue;
      peerRelay.judge = () => 'forward';
      peerRelay.restore();
    }
  }

  /** Writes a snapshot of what it has, and answers how to go back to it: as operators do, with etcdctl. Of one member only. */
  async snapshot(): Promise<() => Promise<void>> {
    const { first } = this;
    const file = join(this.directory, `snapshot-${performance.now()}`);
    await first.ctl('snapshot', 'save', file);
    return async () => {
      await first.kill();
      const directory = join(this.directory, first.name);
      this.host.removeDirectory(directory);
      const peer = first.initialCluster;
      await run('etcdctl', [
        ...['snapshot', 'restore', file, '--data-dir', directory, '--name', first.name],
        ...['--initial-cluster', peer, '--initial-cluster-token', this.directory],
        ...['--initial-advertise-peer-urls', peer.slice(peer.indexOf('=') + 1)],
      ]);
      await first.start();
    };
  }

  /** Starts it anew with nothing of what it had, at the same address. Of one member only. */
  async wipe(): Promise<void> {
    await this.first.kill();
    this.host.removeDirectory(join(this.directory, this.first.name));
    await this.first.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    for (const { peerRelay } of this.members) await peerRelay?.stop();
    this.host.removeDirectory(this.directory);
  }
}

interface MemberPlan {
  readonly name: string;
  readonly clientPort: number;
  readonly peerPort: number;
  readonly peerRelay: TcpRelay | undefined;
}

function advertisedPeerUrl({ peerPort, peerRelay }: MemberPlan): string {
  return `http://127.0.0.1:${peerRelay?.port ?? peerPort}`;
}

/** Starts a real cluster and waits until every member is healthy. */
export async function startEtcd(options: EtcdOptions = {}): Promise<EtcdCluster> {
  const { host = testHost } = options;
  const directory = host.directory('etcd');
  const certificates = options.tls === undefined ? undefined : createCertificates(directory, 'etcd');
  const plans: MemberPlan[] = [];
  for (let index = 1; index <= (options.members ?? 1); index += 1) {
    const peerPort = await freePort();
    const peerRelay = options.peerRelays === true ? await TcpRelay.start(peerPort) : undefined;
    plans.push({ name: `m${index}`, clientPort: await freePort(), peerPort, peerRelay });
  }
  const initialCluster = plans.map((plan) => `${plan.name}=${advertisedPeerUrl(plan)}`).join(',');
  const scheme = certificates === undefined ? 'http' : 'https';

  const members = plans.map((plan) => {
    const { name, clientPort, peerPort, peerRelay } = plan;
    const clientUrl = `${scheme}://127.0.0.1:${clientPort}`;
    const args = [
      ...['--name', name, '--data-dir', join(directory, name), '--logger', 'zap', '--log-level', 'error'],
      ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
      ...['--listen-peer-urls', `http://127.0.0.1:${peerPort}`],
      ...['--initial-advertise-peer-urls', advertisedPeerUrl(plan)],
      ...['--initial-cluster', initialCluster, '--initial-cluster-token', directory],
      // Short elections keep the tests short; the ratio is etcd's own.
      ...['--heartbeat-interval', '50', '--election-timeout', '500'],
      ...(options.args ?? []),
      ...(certificates === undefined
        ? []
        : ['--cert-file', certificates.certFile, '--key-file', certificates.keyFile]),
      ...(certificates !== undefined && options.tls === 'mutual'
        ? ['--client-cert-auth', '--trusted-ca-file', certificates.caFile]
        : []),
    ];
    return new EtcdMember(name, clientPort, args, peerRelay, certificates, host);
  });

  const cluster = new EtcdCluster(members, certificates, directory, host);
  try {
    for (const member of members) member.launch();
    await Promise.all(members.map((member) => member.ready()));
    if (options.rootPassword !== undefined) await enableAuthentication(cluster.first, options.rootPassword);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}

async function enableAuthentication(member: EtcdMember, password: string): Promise<void> {
  await member.ctl('user', 'add', `root:${password}`);
  await member.ctl('user', 'grant-role', 'root', 'root');
  await member.ctl('auth', 'enable');
}

function pick({ ca, cert, key }: Certificates) {
  return { ca, cert, key };
}
