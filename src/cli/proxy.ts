import { Command } from 'commander';
import { proxyCommandOptions, serveOptions } from '../config/options.js';
import { createLogger } from '../telemetry/logger.js';
import { addOptions, readConfig, warnOfUnknownVariables } from './options.js';
import { ProxyProcess } from '../app/proxy-process.js';
import { runUntilStopped } from './run-process.js';

export function proxyCommand(): Command {
  const command = new Command('proxy').description(
    'run a Redis proxy of a cluster that is coordinated by etcd',
  );
  addOptions(command, proxyCommandOptions).action(async () => {
    const config = readConfig(command, proxyCommandOptions, Object.keys(serveOptions));
    const log = createLogger(config.logLevel, { proxy: config.name });
    warnOfUnknownVariables(log);
    const proxy = new ProxyProcess(config, log);
    await runUntilStopped(proxy, log, () => {
      process.stdout.write(`Proxy ${config.name} serves Redis clients at ${proxy.address}.\n`);
    });
  });
  return command;
}
