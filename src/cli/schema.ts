import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { schemaText } from '../api/schema.js';

export function schemaCommand(): Command {
  const command = new Command('schema').description('the GraphQL schema');
  command
    .command('print')
    .description('print the schema in its definition language')
    .option('--out <file>', 'write it to a file instead')
    .action(async ({ out }: { out?: string }) => {
      const text = await schemaText();
      if (out === undefined) process.stdout.write(text);
      else writeFileSync(out, text);
    });
  return command;
}
