import { Command } from 'commander';
import { stringify } from 'yaml';
import { redactConfig } from '../config/load.js';
import { proxyCommandOptions, serveOptions } from '../config/options.js';
import { addOptions, readConfig } from './options.js';

export function configCommand(): Command {
  const command = new Command('config').description('the configuration');
  const print = command
    .command('print')
    .description('print the settings that serve would run with, secrets redacted');
  addOptions(print, serveOptions).action(() => {
    const config = readConfig(print, serveOptions, Object.keys(proxyCommandOptions));
    process.stdout.write(stringify(redactConfig(serveOptions, config)));
  });
  return command;
}
