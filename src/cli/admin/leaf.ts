import { Command, Option } from 'commander';
import { RefusedError, type QuorateClient } from '../../sdk/index.js';
import { confirm } from './confirm.js';
import { connect } from './connection.js';
import { EXIT, withHint, InterruptedError, statusOf } from './exit-status.js';
import { Output, type OutputFormat } from './output.js';
import { seconds } from './parsers.js';
import { printable } from './table.js';

interface CommonOptions {
  readonly url: string;
  readonly tokenFile?: string;
  readonly timeout?: number;
  readonly output: OutputFormat;
  readonly yes?: boolean;
}

/** What a command works with. */
export interface Session<O> {
  readonly client: QuorateClient;
  readonly options: O;
  readonly output: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Asks for the name to be typed, unless --yes was given. */
  confirm(what: string, name: string): Promise<void>;
}

interface LeafSpec<A extends unknown[], O> {
  /** Name and arguments, e.g. `move <slots>`. */
  readonly name: string;
  readonly description: string;
  /** What to type, for the help. */
  readonly example: string;
  /** How the arguments are read, in their order; as text unless told. */
  readonly parse?: readonly ((text: string) => unknown)[];
  readonly options?: readonly Option[];
  /** Whether it asks before it does what it does. */
  readonly asks?: boolean;
  readonly run: (session: Session<O>, ...args: A) => Promise<void>;
}

/** The option of commands that start work or add something. */
export const idempotencyKeyOption = (): Option =>
  option('--idempotency-key <text>', 'any text; asked for again with the same, nothing is done twice');

/** The value of {@link idempotencyKeyOption}. */
export interface Repeatable {
  readonly idempotencyKey?: string;
}

/** A command that asks the service for something: with the options that all have, and exit statuses. */
export function leaf<A extends unknown[], O = object>(spec: LeafSpec<A, O>): Command {
  const [name = '', ...args] = spec.name.split(' ');
  const command = new Command(name).description(spec.description);
  args.forEach((arg, i) => {
    const parse = spec.parse?.[i];
    command.addArgument(command.createArgument(arg).argParser((text) => (parse ? parse(text) : text)));
  });
  for (const option of spec.options ?? []) command.addOption(option);
  for (const option of commonOptions()) command.addOption(option);
  if (spec.asks === true) command.option('-y, --yes', 'do it without asking');
  command.addHelpText('after', `\nExample:\n  ${spec.example}`);
  return command.action(async () => {
    const options = command.optsWithGlobals<CommonOptions & O>();
    await perform(options, (session) => spec.run(session, ...(command.processedArgs as A)));
  });
}

export function option(flags: string, description: string, parse?: (text: string) => unknown): Option {
  const made = new Option(flags, description);
  return parse ? made.argParser(parse) : made;
}

/** A command of commands; `first` is run when none is named. */
export function group(
  name: string,
  description: string,
  commands: readonly Command[],
  first?: string,
): Command {
  const made = new Command(name).description(description);
  for (const command of commands) made.addCommand(command, { isDefault: command.name() === first });
  return made;
}

function commonOptions(): Option[] {
  return [
    new Option('--url <url>', 'a member; several by comma: the first that answers')
      .env('QUORATE_URL')
      .default('http://127.0.0.1:4000'),
    new Option('--token-file <file>', 'holds the token; else QUORATE_TOKEN is taken'),
    new Option('-o, --output <format>', 'for people or for programs')
      .choices(['table', 'json'])
      .default('table'),
    option('--timeout <seconds>', 'how long the service may take to answer', seconds),
  ];
}

async function perform<O>(
  options: CommonOptions & O,
  work: (session: Session<O>) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort(new InterruptedError('Interrupted.'));
  const { signal } = controller;
  process.on('SIGINT', interrupt);
  process.stdout.on('error', endQuietly);
  let client: QuorateClient | undefined;
  try {
    client = connect(options);
    await work({
      client,
      options,
      output: new Output(options.output),
      signal,
      confirm: (what, name) => confirm({ what, name, yes: options.yes, signal }),
    });
  } catch (error) {
    const reason: unknown = signal.aborted && !(error instanceof InterruptedError) ? signal.reason : error;
    process.exitCode = printFailure(reason, options.output);
  } finally {
    await client?.close();
    process.off('SIGINT', interrupt);
  }
}

/** For programs, an error is one line of JSON with what was refused, and why. */
function printFailure(error: unknown, format: OutputFormat): number {
  const status = statusOf(error);
  const { message, stack = message } = error as Error;
  const text = status === undefined ? stack : withHint(printable(message), error);
  const refusals = error instanceof RefusedError ? { userErrors: error.userErrors } : {};
  const json = (): string =>
    JSON.stringify({ error: { message: text, exitStatus: status ?? EXIT.failed, ...refusals } });
  process.stderr.write(`${format === 'json' ? json() : `quorate: ${text}`}\n`);
  return status ?? EXIT.failed;
}

/** Whoever read our output, `head` for instance, has seen enough. */
function endQuietly(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed);
}
