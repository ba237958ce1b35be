import { z } from 'zod';
import {
  commonOptions,
  proxyCommandOptions,
  proxyOptions,
  serveOptions,
  type OptionSpec,
  type OptionTable,
} from '../../src/config/options.js';
import { code, table } from './table.js';

/** What of a JSON schema tells which values a setting takes. */
interface Allowed {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
  readonly default?: unknown;
}

const UNITS: readonly (readonly [bytes: number, name: string])[] = [
  [2 ** 40, 'TiB'],
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
];

/** Every setting of `quorate serve` and `quorate proxy`, from the tables that the processes themselves read. */
export function settingsDocument(): string {
  return `# Settings

Settings are read from four places, and each overrides those before it: the defaults, the YAML file of \`--config\` or
\`QUORATE_CONFIG\`, the environment, and flags. An unknown key or a bad value stops the start; the error names the key,
the value and what was expected. \`quorate config print\` shows what is in force, with secrets redacted. One file may
serve both commands: each leaves out the keys of the other.

A setting without a default is off, or does what its description says after "none:". The tables name the flag, the
environment variable and the key in the file. A commented file is in [examples/deploy](../examples/deploy/README.md).

## Both processes

${settings(commonOptions)}

## \`quorate serve\`

${settings(without(serveOptions, { ...commonOptions, ...proxyOptions }))}

## Redis data plane

These settings belong to \`quorate proxy\`, and to \`quorate serve\` with \`--proxy-listen\`.

${settings(proxyOptions)}

## \`quorate proxy\`

${settings(without(proxyCommandOptions, { ...commonOptions, ...proxyOptions }))}

## Commands that ask a cluster

These come from the environment when the flag is not given; \`quorate COMMAND --help\` has the flags.

${table(
  ['environment', 'what it is'],
  [
    [
      '`QUORATE_URL`',
      'URLs of members, separated by commas; the first that answers is asked; `http://127.0.0.1:4000` unless told',
    ],
    ['`QUORATE_TOKEN`', 'the bearer token; none of the commands takes it as an argument'],
    ['`QUORATE_PASSWORD`', 'the password that a command needs, such as that of a source or a Redis server'],
  ],
)}
`;
}

function without(options: OptionTable, others: OptionTable): OptionTable {
  return Object.fromEntries(Object.entries(options).filter(([key]) => !Object.hasOwn(others, key)));
}

function settings(options: OptionTable): string {
  const rows = Object.entries(options).map(([key, spec]) => [
    code(spec.flag ?? ''),
    code(spec.env),
    code(key),
    defaultOf(spec),
    describe(spec),
  ]);
  return table(['flag', 'environment', 'key', 'default', 'what it is'], rows);
}

function describe(spec: OptionSpec): string {
  const { minimum, maximum, enum: words } = allowed(spec);
  const isNumber = minimum !== undefined && maximum !== undefined && words === undefined;
  if (!isNumber) return spec.description;
  const range = maximum === Number.MAX_SAFE_INTEGER ? `at least ${minimum}` : `${minimum} to ${maximum}`;
  return `${spec.description} (${range})`;
}

function defaultOf(spec: OptionSpec): string {
  if (spec.defaultText !== undefined) return spec.defaultText;
  const { default: value } = allowed(spec);
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'none';
  if (value === false) return 'off';
  const [, unit = ''] = /\b(ms|bytes|hours)\b/.exec(spec.flag ?? '') ?? [];
  if (typeof value !== 'number' || unit === '') return code(String(value));
  return unit === 'bytes' ? `${code(String(value))} (${inBytes(value)})` : `${code(String(value))} ${unit}`;
}

function inBytes(value: number): string {
  const [size, name] = UNITS.find(([bytes]) => value >= bytes && value % bytes === 0) ?? [1, 'bytes'];
  return `${value / size} ${name}`;
}

function allowed({ schema }: OptionSpec): Allowed {
  return z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as Allowed;
}
