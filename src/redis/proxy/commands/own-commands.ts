import { KEY_1, KEYS_1_2, KEYS_FROM_1, local, NO_KEYS, range, refused } from './spec.js';
import type { CommandSpec } from './spec.js';

const SEES_ONE = 'it would see only one of the servers behind this proxy';
const CHANGES_ONE = 'it would change only one of the servers behind this proxy';
const BLOCKS = 'a blocking command would block every client that shares the connection';
const SHARED = 'it counts the writes of one connection, and connections to servers are shared';
const TRANSACTION = 'a transaction belongs to one connection, and connections to servers are shared';
const PUBSUB = 'publish/subscribe is not passed through; connect to a server';
const SCRIPTS =
  'scripts and functions belong to one server; use EVAL, which carries the script, or load them on every server';
const ADMIN = 'it administers one server; connect to the server itself';
const NO_CLUSTER = 'this is a proxy, not a node of a Redis Cluster';
const MOVES = 'keys are moved by the cluster, not by clients';

/** Commands that the proxy answers itself. */
export const LOCAL_COMMANDS: readonly CommandSpec[] = [
  local('auth', -2),
  local('client', -2),
  local('command', -1),
  local('config', -2),
  local('echo', 2),
  local('hello', -1),
  local('info', -1),
  local('ping', -1),
  local('quit', -1),
  local('reset', 1),
  local('select', 2),
  local('time', 1),
];

/** Commands that make no sense through a proxy, and why. */
export const REFUSED_COMMANDS: readonly CommandSpec[] = [
  refused('dbsize', 1, 'read', NO_KEYS, SEES_ONE),
  refused('keys', 2, 'read', NO_KEYS, SEES_ONE),
  refused('randomkey', 1, 'read', NO_KEYS, SEES_ONE),
  refused('scan', -2, 'read', NO_KEYS, SEES_ONE),
  refused('flushall', -1, 'write', NO_KEYS, CHANGES_ONE),
  refused('flushdb', -1, 'write', NO_KEYS, CHANGES_ONE),
  refused('swapdb', 3, 'write', NO_KEYS, CHANGES_ONE),
  refused('blmove', 6, 'write', KEYS_1_2, BLOCKS),
  refused('blmpop', -5, 'write', NO_KEYS, BLOCKS),
  refused('blpop', -3, 'write', range(1, -2, 1), BLOCKS),
  refused('brpop', -3, 'write', range(1, -2, 1), BLOCKS),
  refused('brpoplpush', 4, 'write', KEYS_1_2, BLOCKS),
  refused('bzmpop', -5, 'write', NO_KEYS, BLOCKS),
  refused('bzpopmax', -3, 'write', range(1, -2, 1), BLOCKS),
  refused('bzpopmin', -3, 'write', range(1, -2, 1), BLOCKS),
  refused('wait', 3, 'other', NO_KEYS, SHARED),
  refused('waitaof', 4, 'other', NO_KEYS, SHARED),
  refused('discard', 1, 'other', NO_KEYS, TRANSACTION),
  refused('exec', 1, 'other', NO_KEYS, TRANSACTION),
  refused('multi', 1, 'other', NO_KEYS, TRANSACTION),
  refused('unwatch', 1, 'other', NO_KEYS, TRANSACTION),
  refused('watch', -2, 'other', KEYS_FROM_1, TRANSACTION),
  refused('psubscribe', -2, 'other', NO_KEYS, PUBSUB),
  refused('publish', 3, 'other', NO_KEYS, PUBSUB),
  refused('pubsub', -2, 'other', NO_KEYS, PUBSUB),
  refused('punsubscribe', -1, 'other', NO_KEYS, PUBSUB),
  refused('spublish', 3, 'other', KEY_1, PUBSUB),
  refused('ssubscribe', -2, 'other', KEYS_FROM_1, PUBSUB),
  refused('subscribe', -2, 'other', NO_KEYS, PUBSUB),
  refused('sunsubscribe', -1, 'other', KEYS_FROM_1, PUBSUB),
  refused('unsubscribe', -1, 'other', NO_KEYS, PUBSUB),
  refused('function', -2, 'other', NO_KEYS, SCRIPTS),
  refused('script', -2, 'other', NO_KEYS, SCRIPTS),
  refused('acl', -2, 'other', NO_KEYS, ADMIN),
  refused('bgrewriteaof', 1, 'other', NO_KEYS, ADMIN),
  refused('bgsave', -1, 'other', NO_KEYS, ADMIN),
  refused('debug', -2, 'other', NO_KEYS, ADMIN),
  refused('failover', -1, 'other', NO_KEYS, ADMIN),
  refused('lastsave', 1, 'other', NO_KEYS, ADMIN),
  refused('latency', -2, 'other', NO_KEYS, ADMIN),
  refused('lolwut', -1, 'read', NO_KEYS, ADMIN),
  refused('module', -2, 'other', NO_KEYS, ADMIN),
  refused('monitor', 1, 'other', NO_KEYS, ADMIN),
  refused('pfdebug', 3, 'write', range(2, 2, 1), ADMIN),
  refused('pfselftest', 1, 'other', NO_KEYS, ADMIN),
  refused('psync', -3, 'other', NO_KEYS, ADMIN),
  refused('replconf', -1, 'other', NO_KEYS, ADMIN),
  refused('replicaof', 3, 'other', NO_KEYS, ADMIN),
  refused('role', 1, 'other', NO_KEYS, ADMIN),
  refused('save', 1, 'other', NO_KEYS, ADMIN),
  refused('shutdown', -1, 'other', NO_KEYS, ADMIN),
  refused('slaveof', 3, 'other', NO_KEYS, ADMIN),
  refused('slowlog', -2, 'other', NO_KEYS, ADMIN),
  refused('sync', 1, 'other', NO_KEYS, ADMIN),
  refused('asking', 1, 'other', NO_KEYS, NO_CLUSTER),
  refused('cluster', -2, 'other', NO_KEYS, NO_CLUSTER),
  refused('readonly', 1, 'other', NO_KEYS, NO_CLUSTER),
  refused('readwrite', 1, 'other', NO_KEYS, NO_CLUSTER),
  refused('migrate', -6, 'write', range(3, 3, 1), MOVES),
  refused('move', 3, 'write', KEY_1, MOVES),
  refused('restore-asking', -4, 'write', KEY_1, MOVES),
];
