import { MysqlServer, type MysqlServerOptions } from './server.js';

/** The servers of a test, which end together. */
export class ServerSet {
  private readonly servers: MysqlServer[] = [];

  async start(options: MysqlServerOptions): Promise<MysqlServer> {
    const server = await MysqlServer.start(options);
    this.servers.push(server);
    return server;
  }

  async remove(): Promise<void> {
    await Promise.all(this.servers.splice(0).map((server) => server.remove()));
  }
}
