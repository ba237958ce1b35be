import { Command } from 'commander';
import type { JournalProblem } from '../binlog/journal/verify.js';
import { givenToken } from './admin/connection.js';
import { journalCommands } from './admin/journal.js';

interface VerifyOptions {
  readonly against?: string;
  readonly tokenFile?: string;
}

export function journalCommand(): Command {
  const command = new Command('journal').description('the stored binlog, and the files of a journal');
  for (const admin of journalCommands()) command.addCommand(admin);
  command
    .command('verify')
    .description('read a journal that is not open, and say what is wrong and where')
    .argument('<directory>', 'where its binlog files are')
    .option(
      '--against <url>',
      'also compare the files, byte for byte, with those of the running member at this URL',
    )
    .option('--token-file <file>', 'holds a token of the role ADMIN there; else QUORATE_TOKEN is taken')
    .action(async (directory: string, { against, tokenFile }: VerifyOptions) => {
      const { verifyJournal } = await import('../binlog/journal/verify.js');
      const { problems, segments, bytes, gtids } = await verifyJournal(directory);
      for (const problem of problems) process.stdout.write(`${lineOf(problem)}\n`);
      const wrong = problems.filter(({ isHarmless }) => !isHarmless).length;
      process.stdout.write(
        `${segments} segments, ${bytes} bytes, ${wrong} ${wrong === 1 ? 'problem' : 'problems'}\n`,
      );
      if (gtids !== null) process.stdout.write(`GTIDs: ${gtids}\n`);
      if (wrong > 0) process.exitCode = 1;
      if (against !== undefined) await compare(directory, against, givenToken(tokenFile));
    });
  return command;
}

async function compare(directory: string, url: string, token: string | undefined): Promise<void> {
  const [{ compareJournal }, { journalOfMember }] = await Promise.all([
    import('../binlog/journal/compare.js'),
    import('./other-journal.js'),
  ]);
  const { difference, segments, bytes } = await compareJournal(directory, journalOfMember(url, token));
  if (difference) {
    process.stdout.write(`${difference.file} at byte ${difference.offset}: ${difference.difference}\n`);
    process.exitCode = 1;
  } else {
    process.stdout.write(`Equal to ${url}: ${segments} segments, ${bytes} committed bytes\n`);
  }
}

function lineOf({ file, offset, problem, isHarmless }: JournalProblem): string {
  const where = offset === null ? file : `${file} at byte ${offset}`;
  return `${where}: ${problem}${isHarmless ? ' (mended when the journal is opened)' : ''}`;
}
