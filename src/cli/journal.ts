import { Command } from 'commander';
import { verifyJournal, type JournalProblem } from '../binlog/journal/verify.js';

export function journalCommand(): Command {
  const command = new Command('journal').description('the files of a journal');
  command
    .command('verify')
    .description('read a journal that is not open, and say what is wrong and where')
    .argument('<directory>', 'where its binlog files are')
    .action(async (directory: string) => {
      const { problems, segments, bytes, gtids } = await verifyJournal(directory);
      for (const problem of problems) process.stdout.write(`${lineOf(problem)}\n`);
      const wrong = problems.filter(({ isHarmless }) => !isHarmless).length;
      process.stdout.write(
        `${segments} segments, ${bytes} bytes, ${wrong} ${wrong === 1 ? 'problem' : 'problems'}\n`,
      );
      if (gtids !== null) process.stdout.write(`GTIDs: ${gtids}\n`);
      if (wrong > 0) process.exitCode = 1;
    });
  return command;
}

function lineOf({ file, offset, problem, isHarmless }: JournalProblem): string {
  const where = offset === null ? file : `${file} at byte ${offset}`;
  return `${where}: ${problem}${isHarmless ? ' (mended when the journal is opened)' : ''}`;
}
