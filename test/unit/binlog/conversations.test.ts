import { describe, expect, test } from 'vitest';
import { CACHING_SHA2, NATIVE, type AuthPlugin } from '../../../src/binlog/protocol/auth/plugins.js';
import { authToken, isTokenOf } from '../../../src/binlog/protocol/auth/tokens.js';
import {
  COMMAND,
  decodeBinlogDump,
  decodeBinlogDumpGtid,
  decodeRegisterSlave,
  encodeBinlogDump,
  encodeBinlogDumpGtid,
  encodeRegisterSlave,
} from '../../../src/binlog/protocol/connection/commands.js';
import {
  createSalt,
  decodeGreeting,
  encodeGreeting,
} from '../../../src/binlog/protocol/connection/greeting.js';
import {
  decodeHandshakeResponse,
  encodeHandshakeResponse,
  isTlsRequest,
} from '../../../src/binlog/protocol/connection/handshake-response.js';
import {
  decodeError,
  encodeAuthSwitch,
  encodeEof,
  encodeError,
  encodeFastAuthSuccess,
  encodeOk,
  isError,
} from '../../../src/binlog/protocol/connection/replies.js';
import { decodeSemiSyncAck, encodeSemiSyncAck } from '../../../src/binlog/protocol/connection/semi-sync.js';
import { SERVER_CAPABILITIES } from '../../../src/binlog/protocol/connection/capabilities.js';
import { CONVERSATIONS, conversation, type RecordedPacket } from '../../harness/binlog/conversation.js';

const PASSWORD = 'replpw';
const ALL = CONVERSATIONS.flatMap((name) =>
  conversation(name).map((packet) => ({ ...packet, name: `${name}/${packet.connection}` })),
);

/** The packets of each recorded connection, in order. */
const CONNECTIONS = [...group(ALL)];

function group(packets: readonly (RecordedPacket & { name: string })[]): Map<string, RecordedPacket[]> {
  const groups = new Map<string, RecordedPacket[]>();
  for (const packet of packets) groups.set(packet.name, [...(groups.get(packet.name) ?? []), packet]);
  return groups;
}

const commands = (command: number): Buffer[] =>
  ALL.filter(
    ({ from, sequence, payload }) => from === 'client' && sequence === 0 && payload[0] === command,
  ).map(({ payload }) => payload);

describe('recorded logins', () => {
  test.each(CONNECTIONS)(
    '%s: the token proves the password to us, and is what we would answer',
    (name, packets) => {
      const greeting = decodeGreeting(packets[0]!.payload);
      expect(greeting.salt).toHaveLength(20);
      expect(greeting.serverVersion).toMatch(/^5\.6\.24|^9\.7\.|^5\.5\.5-10\.11\.\d+-MariaDB/);
      const second = packets[1]!.payload;
      if (isTlsRequest(second)) {
        expect(name).toMatch(/^97-tls/);
        return;
      }
      const response = decodeHandshakeResponse(second, 0xffffffff);
      expect(response.user).toBe('repl');
      expect([NATIVE, CACHING_SHA2]).toContain(response.plugin);
      const plugin = response.plugin as AuthPlugin;
      if (plugin === greeting.plugin) {
        expect(authToken(plugin, PASSWORD, greeting.salt)).toEqual(response.token);
        expect(isTokenOf(plugin, PASSWORD, greeting.salt, response.token)).toBe(true);
        expect(isTokenOf(plugin, 'other', greeting.salt, response.token)).toBe(false);
        expect(isTokenOf(plugin, '', greeting.salt, response.token)).toBe(false);
      }
      const [{ payload: answer }] = packets.slice(2) as [RecordedPacket];
      if (answer[0] === 0x01 && answer[1] === 0x03) expect(answer).toEqual(encodeFastAuthSuccess());
      if (answer[0] === 0x00) expect(answer).toEqual(encodeOk());
    },
  );

  test('our own greetings and responses are read as they were written', () => {
    const salt = createSalt();
    for (const byte of salt) expect(byte > 0 && byte < 0x80 && byte !== 0x24).toBe(true);
    const greeting = {
      serverVersion: '8.0.36-log',
      connectionId: 4_000_000_001,
      salt,
      capabilities: SERVER_CAPABILITIES,
      plugin: CACHING_SHA2,
    } as const;
    expect(decodeGreeting(encodeGreeting(greeting))).toEqual(greeting);
    const response = {
      capabilities: SERVER_CAPABILITIES & ~(1 << 3),
      user: 'repl',
      token: authToken(CACHING_SHA2, PASSWORD, salt),
      plugin: CACHING_SHA2,
    };
    expect(decodeHandshakeResponse(encodeHandshakeResponse(response), SERVER_CAPABILITIES)).toEqual(response);
    const switching = encodeAuthSwitch(NATIVE, salt);
    expect(switching.subarray(1).toString('latin1')).toBe(`${NATIVE}\0${salt.toString('latin1')}\0`);
  });

  test('an empty password is an empty token', () => {
    const salt = createSalt();
    for (const plugin of [NATIVE, CACHING_SHA2] as const) {
      expect(authToken(plugin, '', salt)).toHaveLength(0);
      expect(isTokenOf(plugin, '', salt, Buffer.alloc(0))).toBe(true);
      expect(isTokenOf(plugin, PASSWORD, salt, Buffer.alloc(0))).toBe(false);
    }
  });
});

describe('recorded commands', () => {
  test('registrations name the server; written again they are the same', () => {
    const registrations = commands(COMMAND.REGISTER_SLAVE);
    expect(registrations.length).toBeGreaterThanOrEqual(6);
    for (const payload of registrations) {
      const slave = decodeRegisterSlave(payload);
      expect(slave.serverId).toBeGreaterThan(0);
      expect(encodeRegisterSlave(slave)).toEqual(payload);
    }
  });

  test('dumps from a position', () => {
    const dumps = commands(COMMAND.BINLOG_DUMP);
    expect(dumps.length).toBeGreaterThanOrEqual(6);
    for (const payload of dumps) {
      const dump = decodeBinlogDump(payload);
      expect(dump.file).toMatch(/^(binlog\.\d{6})?$/);
      expect(encodeBinlogDump(dump)).toEqual(payload);
    }
  });

  test('dumps from a set of GTIDs', () => {
    const dumps = commands(COMMAND.BINLOG_DUMP_GTID);
    expect(dumps.length).toBeGreaterThanOrEqual(5);
    for (const payload of dumps) {
      const dump = decodeBinlogDumpGtid(payload);
      expect(decodeBinlogDumpGtid(encodeBinlogDumpGtid(dump))).toEqual(dump);
    }
  });

  test('acknowledgements say up to where everything has arrived', () => {
    const acks = ALL.flatMap(({ from, payload }) => {
      const ack = from === 'client' ? decodeSemiSyncAck(payload) : undefined;
      return ack ? [{ ack, payload }] : [];
    });
    expect(acks.length).toBeGreaterThanOrEqual(4);
    for (const { ack, payload } of acks) {
      expect(ack.file).toMatch(/^binlog\.\d{6}$/);
      expect(encodeSemiSyncAck(ack)).toEqual(payload);
    }
    expect(decodeSemiSyncAck(Buffer.of(COMMAND.PING))).toBeUndefined();
  });
});

describe('replies', () => {
  test('end of data is what the servers send', () => {
    expect(ALL.some(({ from, payload }) => from === 'server' && payload.equals(encodeEof()))).toBe(true);
  });

  test('errors keep number, state and text; before a login they have no state', () => {
    const error = { errno: 1236, sqlState: 'HY000', message: 'Could not find first log file name' };
    expect(isError(encodeError(error))).toBe(true);
    expect(decodeError(encodeError(error))).toEqual(error);
    expect(decodeError(encodeError({ ...error, errno: 1040 }, false))).toMatchObject({ errno: 1040 });
    expect(encodeError({ errno: 1040, sqlState: '08004', message: 'Too many connections' }, false)).toEqual(
      Buffer.from('ff1004546f6f206d616e7920636f6e6e656374696f6e73', 'hex'),
    );
  });
});
