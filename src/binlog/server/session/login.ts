import { randomBytes } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import { CACHING_SHA2, NATIVE, type AuthPlugin } from '../../protocol/auth/plugins.js';
import { isTokenOf } from '../../protocol/auth/tokens.js';
import { CLIENT, SERVER_CAPABILITIES } from '../../protocol/connection/capabilities.js';
import { createSalt, encodeGreeting } from '../../protocol/connection/greeting.js';
import {
  decodeHandshakeResponse,
  isTlsRequest,
  type HandshakeResponse,
} from '../../protocol/connection/handshake-response.js';
import {
  encodeAuthSwitch,
  encodeError,
  encodeFastAuthSuccess,
  encodeOk,
} from '../../protocol/connection/replies.js';
import type { Flavour } from '../../protocol/gtid/gtid-set.js';
import type { Accounts } from '../accounts.js';
import { insecureTransport, SqlError } from '../query/sql-error.js';
import type { PacketConnection } from './packet-connection.js';

export interface LoginOptions {
  readonly connection: PacketConnection;
  readonly connectionId: number;
  readonly flavour: Flavour;
  /** The version of the source, without the prefix that MariaDB puts before its own. */
  readonly version: string;
  readonly accounts: Accounts;
  /** Null: TLS is not offered. */
  readonly tls: SecureContext | null;
  /** Who does not use it is not let in, whatever the password. */
  readonly demandsTls: boolean;
  /** Address of the client, for messages. */
  readonly clientHost: string;
  readonly onSuccess: (user: string) => void;
  readonly onFailure: (message: string) => void;
}

/**
 * The first conversation with a client: greeting, TLS when it asks for it, and proof of a password by
 * mysql_native_password or caching_sha2_password. Whoever knows the password itself, as we do, can verify either
 * without a further exchange. Who fails to by a plugin other than ours is asked once more, as servers do.
 */
export class Login {
  private readonly salt = createSalt();
  private readonly plugin: AuthPlugin;
  private readonly capabilities: number;
  private response: HandshakeResponse | null = null;
  private switchedTo: AuthPlugin | null = null;
  private isSecured = false;

  constructor(private readonly options: LoginOptions) {
    this.plugin = defaultPlugin(options.flavour, options.version);
    this.capabilities = SERVER_CAPABILITIES | (options.tls === null ? 0 : CLIENT.SSL);
  }

  start(): void {
    const { connection, connectionId, flavour, version } = this.options;
    connection.send(
      encodeGreeting({
        // MariaDB's replicas know by this prefix, or by the name, whom they talk to.
        serverVersion: flavour === 'MARIADB' ? `5.5.5-${version}` : version,
        connectionId,
        salt: this.salt,
        capabilities: this.capabilities,
        plugin: this.plugin,
      }),
    );
  }

  /** @throws ProtocolError */
  take(payload: Buffer): void {
    const { connection, tls, demandsTls } = this.options;
    if (this.response !== null) return this.verify(this.response.user, this.switchedTo!, payload);
    if (tls !== null && !this.isSecured && isTlsRequest(payload)) {
      this.isSecured = true;
      connection.secure(tls);
      return;
    }
    this.response = decodeHandshakeResponse(payload, this.capabilities);
    if (demandsTls && !this.isSecured) return this.refuse(insecureTransport());
    const { user, plugin, token } = this.response;
    // Who names no plugin means the only one that there was before there were names.
    const named = plugin === '' ? NATIVE : plugin;
    const isKnown = named === NATIVE || named === CACHING_SHA2;
    if (isKnown && (named === this.plugin || this.isProven(user, named, token)))
      return this.verify(user, named, token);
    // It took the salt for one of the plugin that we greeted with. Its own it has for certain: clients of MySQL 9 may not have ours.
    this.switchedTo = isKnown ? named : this.plugin;
    connection.send(encodeAuthSwitch(this.switchedTo, this.salt));
  }

  private isProven(user: string, plugin: AuthPlugin, token: Buffer): boolean {
    const known = this.options.accounts.passwordOf(user);
    // The same work for a user that there is not, so that the time does not tell.
    const isRight = isTokenOf(plugin, known ?? randomBytes(16).toString('hex'), this.salt, token);
    return known !== null && isRight;
  }

  private verify(user: string, plugin: AuthPlugin, token: Buffer): void {
    const { connection, clientHost, onSuccess } = this.options;
    if (!this.isProven(user, plugin, token)) {
      const using = token.length > 0 ? 'YES' : 'NO';
      const message = `Access denied for user '${user}'@'${clientHost}' (using password: ${using})`;
      return this.refuse(new SqlError(1045, '28000', message));
    }
    if (plugin === CACHING_SHA2 && token.length > 0) connection.send(encodeFastAuthSuccess());
    connection.send(encodeOk());
    onSuccess(user);
  }

  private refuse(error: SqlError): void {
    this.options.connection.send(encodeError(error));
    this.options.onFailure(error.message);
  }
}

/** As the servers of that version do: older clients, and MariaDB's, know only the native one. */
function defaultPlugin(flavour: Flavour, version: string): AuthPlugin {
  return flavour === 'MYSQL' && Number.parseInt(version, 10) >= 8 ? CACHING_SHA2 : NATIVE;
}
