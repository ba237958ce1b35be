import type { Command } from 'commander';
import { Option } from 'commander';
import { loadConfig, type ConfigSources } from '../config/load.js';
import type { ConfigOf, OptionTable } from '../config/options.js';
import { unknownVariables } from '../config/unknown-variables.js';
import type { Logger } from '../telemetry/logger.js';

/** Gives a command the flags of a table of settings. Defaults are not commander's: other sources come between. */
export function addOptions(command: Command, table: OptionTable): Command {
  command.addOption(
    new Option('--config <file>', 'YAML file with settings; flags and the environment override it').env(
      'QUORATE_CONFIG',
    ),
  );
  for (const spec of Object.values(table)) {
    if (spec.flag === undefined) continue;
    const parsed = spec.schema.safeParse(undefined);
    const fallback = parsed.success && parsed.data !== undefined && `${String(parsed.data)}` !== '';
    const note = fallback ? ` (default ${String(parsed.data)})` : '';
    command.addOption(new Option(spec.flag, `${spec.description}${note} [${spec.env}]`));
  }
  return command;
}

/** The settings in force for a command whose flags were added by {@link addOptions}. */
export function readConfig<T extends OptionTable>(
  command: Command,
  table: T,
  alsoKnown: readonly string[] = [],
): ConfigOf<T> {
  const given = command.opts<Record<string, unknown>>();
  const flags: Record<string, unknown> = {};
  for (const [key, spec] of Object.entries(table)) {
    if (spec.flag !== undefined) flags[key] = given[new Option(spec.flag).attributeName()];
  }
  const sources: ConfigSources = {
    flags,
    env: process.env,
    file: given['config'] as string | undefined,
    alsoKnown,
  };
  return loadConfig(table, sources);
}

/** A setting that is misspelt would be missed only when it is needed. */
export function warnOfUnknownVariables(log: Logger): void {
  for (const variable of unknownVariables(process.env))
    log.warn({ variable }, 'An environment variable is not known, and has no effect');
}
