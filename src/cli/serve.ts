import { Command } from 'commander';
import { formatAddress } from '../common/address.js';
import { proxyCommandOptions, serveOptions } from '../config/options.js';
import { createLogger } from '../telemetry/logger.js';
import { MemberProcess } from '../app/member-process.js';
import { addOptions, readConfig, warnOfUnknownVariables } from './options.js';
import { runUntilStopped } from './run-process.js';

export function serveCommand(): Command {
  const command = new Command('serve').description(
    'run a member: API, dashboard, journal, binlog servers and Redis controller',
  );
  addOptions(command, serveOptions).action(async () => {
    const config = readConfig(command, serveOptions, Object.keys(proxyCommandOptions));
    const log = createLogger(config.logLevel, { member: config.name });
    warnOfUnknownVariables(log);
    const member = new MemberProcess(config, log);
    await runUntilStopped(member, log, () => {
      const base = `http://${formatAddress(member.address)}`;
      process.stdout.write(
        greeting(base, member.proxyAddress, config.etcd.length === 0 ? config.dataDir : null),
      );
    });
  });
  return command;
}

/** What a person who has just started it needs next. */
function greeting(base: string, proxy: string | undefined, dataDir: string | null): string {
  return `
Quorate is running.

  Dashboard    ${base}/
  GraphQL      ${base}/graphql      (queries and mutations by HTTP, subscriptions by websocket)
  Playground   ${base}/playground
  Health       ${base}/healthz  ${base}/readyz  ${base}/metrics
${proxy === undefined ? '' : `  Redis proxy  ${proxy}\n`}${dataDir === null ? '' : `  Data         ${dataDir}  (embedded coordinator)\n`}
First queries to try in the playground:

  query { cluster { name health leader { name } coordinator { kind revision } } }
  mutation { createGroup(input: { number: 1 }) { group { id } userErrors { message } revision } }
  subscription { actions { revision type description } }

`;
}
