import { Command, Option } from 'commander';
import { ROLES, type Role } from '../api/auth.js';
import { QuorateError } from '../common/errors.js';
import { createToken } from '../http/tokens.js';

export function tokenCommand(): Command {
  const command = new Command('token').description('bearer tokens for the API');
  command
    .command('create')
    .description('make a token, add its hash to the tokens file, and show it this once')
    .requiredOption('--name <name>', 'whose it is; written into the action feed')
    .addOption(new Option('--role <role>', 'what it allows').choices([...ROLES]).makeOptionMandatory())
    .addOption(
      new Option('--tokens <file>', 'the tokens file').env('QUORATE_TOKENS').default('./tokens.yaml'),
    )
    .option('--expires <time>', 'when it ends, e.g. 2027-01-31T00:00:00Z')
    .action((options: { name: string; role: Role; tokens: string; expires?: string }) => {
      const token = createToken(options.tokens, options.name, options.role, parseExpiry(options.expires));
      process.stdout.write(`${token}\n`);
      process.stderr.write(
        `Added "${options.name}" (${options.role}) to ${options.tokens}. The token is not shown again.\n`,
      );
    });
  return command;
}

function parseExpiry(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new QuorateError('CONFIG', `--expires: "${text}" is not a time.`);
  if (time.getTime() <= Date.now()) throw new QuorateError('CONFIG', `--expires: ${text} is in the past.`);
  return time;
}
