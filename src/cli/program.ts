import { Command } from 'commander';
import { VERSION } from '../common/version.js';

interface Entry {
  readonly description: string;
  /** Loads what the command needs; only the one that is named is loaded. */
  readonly load: () => Promise<Command>;
}

/** All commands, in the order of the help. */
const COMMANDS: Readonly<Record<string, Entry>> = {
  serve: {
    description: 'run a member: API, dashboard, journal, binlog servers and Redis controller',
    load: async () => (await import('./serve.js')).serveCommand(),
  },
  proxy: {
    description: 'run a Redis proxy of a cluster that is coordinated by etcd',
    load: async () => (await import('./proxy.js')).proxyCommand(),
  },
  status: {
    description: 'the cluster: who leads, how it is, what is wrong',
    load: async () => (await import('./admin/status.js')).statusCommand(),
  },
  members: {
    description: 'members of the cluster',
    load: async () => (await import('./admin/members.js')).membersCommand(),
  },
  syncer: {
    description: 'the connection to the source of the binlog',
    load: async () => (await import('./admin/syncer.js')).syncerCommand(),
  },
  journal: {
    description: 'the stored binlog, and the files of a journal',
    load: async () => (await import('./journal.js')).journalCommand(),
  },
  'binlog-servers': {
    description: 'listeners that replicas attach to',
    load: async () => (await import('./admin/binlog-servers.js')).binlogServersCommand(),
  },
  slaves: {
    description: 'replicas that are sent the binlog',
    load: async () => (await import('./admin/slaves.js')).slavesCommand(),
  },
  groups: {
    description: 'groups of Redis servers',
    load: async () => (await import('./admin/groups.js')).groupsCommand(),
  },
  slots: {
    description: 'the 1024 slots of the key space',
    load: async () => (await import('./admin/slots.js')).slotsCommand(),
  },
  proxies: {
    description: 'proxies that Redis clients connect to',
    load: async () => (await import('./admin/proxies.js')).proxiesCommand(),
  },
  operations: {
    description: 'long work with progress',
    load: async () => (await import('./admin/operations.js')).operationsCommand(),
  },
  actions: {
    description: 'the action feed: who did what',
    load: async () => (await import('./admin/actions.js')).actionsCommand(),
  },
  watch: {
    description: 'how something is, then each change, one a line, until Ctrl-C',
    load: async () => (await import('./admin/watch.js')).watchCommand(),
  },
  token: {
    description: 'bearer tokens for the API',
    load: async () => (await import('./token.js')).tokenCommand(),
  },
  config: {
    description: 'the configuration',
    load: async () => (await import('./config.js')).configCommand(),
  },
  schema: {
    description: 'the GraphQL schema',
    load: async () => (await import('./schema.js')).schemaCommand(),
  },
  completion: {
    description: 'a script that completes commands, options and words that an option takes in a shell',
    load: async () => (await import('./admin/completion.js')).completionCommand(wholeProgram),
  },
};

/** The program with the command that the arguments name; of the others it knows no more than the help tells. */
export function programFor(args: readonly string[]): Promise<Command> {
  const [first, second] = args;
  return build(first === 'help' ? [second ?? ''] : [first ?? '']);
}

/** The program with all its commands. */
export function wholeProgram(): Promise<Command> {
  return build(Object.keys(COMMANDS));
}

async function build(loaded: readonly string[]): Promise<Command> {
  const program = new Command('quorate')
    .description('A replicated MySQL/MariaDB binlog store and a sharded Redis behind one GraphQL API')
    .version(VERSION);
  for (const [name, { description, load }] of Object.entries(COMMANDS)) {
    program.addCommand(loaded.includes(name) ? await load() : new Command(name).description(description));
  }
  // Mistakes in how a command was called are told apart from its failures, by their exit status.
  for (const command of withDescendants(program)) command.exitOverride();
  return program;
}

export function withDescendants(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withDescendants)];
}
