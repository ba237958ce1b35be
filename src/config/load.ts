import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { errorMessage, QuorateError } from '../common/errors.js';
import { parseYaml } from '../common/yaml.js';
import type { ConfigOf, OptionTable } from './options.js';

/** The start is refused: which key, its value, where it came from and what was expected. */
export class ConfigError extends QuorateError {
  constructor(message: string, cause?: unknown) {
    super('CONFIG', message, { cause });
  }
}

export interface ConfigSources {
  /** Values of flags that were given, by option name. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From `--config` or QUORATE_CONFIG. */
  readonly file?: string | undefined;
  /** Keys that a file may hold besides those of the table, because another command reads them. */
  readonly alsoKnown?: readonly string[];
}

interface Given {
  readonly value: unknown;
  readonly origin: string;
}

/**
 * Defaults, then the file, then the environment, then flags; the result is frozen.
 * Throws a ConfigError that lists everything that is wrong, not only the first.
 */
export function loadConfig<T extends OptionTable>(table: T, sources: ConfigSources): ConfigOf<T> {
  const problems: string[] = [];
  const given = new Map<string, Given>();
  for (const [key, value] of Object.entries(readFile(sources.file))) {
    if (Object.hasOwn(table, key)) given.set(key, { value, origin: `${sources.file}` });
    else if (!sources.alsoKnown?.includes(key)) {
      problems.push(`${sources.file}: unknown key "${key}". Known keys: ${Object.keys(table).join(', ')}.`);
    }
  }
  for (const [key, spec] of Object.entries(table)) {
    const fromEnv = sources.env[spec.env];
    if (fromEnv !== undefined && fromEnv !== '') given.set(key, { value: fromEnv, origin: spec.env });
    if (sources.flags[key] !== undefined) {
      given.set(key, { value: sources.flags[key], origin: spec.flag?.split(' ')[0] ?? key });
    }
  }
  const config: Record<string, unknown> = {};
  for (const [key, spec] of Object.entries(table)) {
    const source = given.get(key);
    const parsed = spec.schema.safeParse(source?.value);
    if (parsed.success) config[key] = parsed.data;
    else problems.push(describe(key, spec.secret === true, source, parsed.error));
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return Object.freeze(config) as ConfigOf<T>;
}

/** For people: the values in force, secrets as `***`. */
export function redactConfig(
  table: OptionTable,
  config: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).map(([key, spec]) => [
      key,
      spec.secret === true && config[key] !== undefined ? '***' : (config[key] ?? null),
    ]),
  );
}

function describe(key: string, secret: boolean, source: Given | undefined, error: z.ZodError): string {
  // What stands before an @ in a URL may be a password that was given in the wrong place.
  const shown = secret ? '***' : JSON.stringify(source?.value)?.replace(/[^\s"/,[\]]+@/g, '***@');
  const expected = error.issues.map((issue) => issue.message).join('; ');
  return source === undefined
    ? `"${key}" must be set: ${expected}.`
    : `${source.origin}: bad value ${shown} for "${key}": ${expected}.`;
}

function readFile(file: string | undefined): Record<string, unknown> {
  if (file === undefined) return {};
  let content: unknown;
  try {
    content = parseYaml(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError(`Cannot read the configuration file ${file}: ${errorMessage(cause)}`, cause);
  }
  if (content === null || content === undefined) return {};
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new ConfigError(`${file}: expected a mapping of keys to values at the top level.`);
  }
  return content as Record<string, unknown>;
}
