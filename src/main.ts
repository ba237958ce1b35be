#!/usr/bin/env node
import { Command } from 'commander';
import { MemberRemovedError } from './cluster/membership/admission.js';
import { QuorateError } from './common/errors.js';
import { VERSION } from './common/version.js';
import { configCommand } from './cli/config.js';
import { journalCommand } from './cli/journal.js';
import { proxyCommand } from './cli/proxy.js';
import { schemaCommand } from './cli/schema.js';
import { serveCommand } from './cli/serve.js';
import { tokenCommand } from './cli/token.js';

/** Of a member that the cluster has taken out: whoever starts it again by itself need not try. */
const REMOVED_STATUS = 5;

const program = new Command('quorate')
  .description('A replicated MySQL/MariaDB binlog store and a sharded Redis behind one GraphQL API')
  .version(VERSION)
  .addCommand(serveCommand())
  .addCommand(proxyCommand())
  .addCommand(tokenCommand())
  .addCommand(journalCommand())
  .addCommand(configCommand())
  .addCommand(schemaCommand());

try {
  await program.parseAsync();
} catch (error) {
  // What we raised ourselves is for the operator; a stack would only hide it. Anything else is a defect.
  process.stderr.write(
    `quorate: ${error instanceof QuorateError ? error.message : ((error as Error).stack ?? String(error))}\n`,
  );
  process.exitCode = error instanceof MemberRemovedError ? REMOVED_STATUS : 1;
}
