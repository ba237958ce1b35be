import type { FlavourName } from '../flavours/flavour.js';
import type { Random } from '../../../random.js';
import { bytes, text } from './values.js';

/** A column of the table that has all types. */
export interface Column {
  readonly name: string;
  readonly definition: string;
  /** An SQL expression; without, the column is generated. */
  readonly value?: (random: Random) => string;
}

const whole = (first: number, last: number) => (random: Random) => String(random.between(first, last));
const digits = (random: Random, count: number) =>
  Array.from({ length: count }, () => random.below(10)).join('');
const two = (random: Random, last: number, first = 0) => String(random.between(first, last)).padStart(2, '0');
const date = (random: Random) => `${random.between(1980, 2036)}-${two(random, 12, 1)}-${two(random, 28, 1)}`;
const clock = (random: Random) => `${two(random, 23)}:${two(random, 59)}:${two(random, 59)}`;
const number = (random: Random, whole: number, fraction: number) =>
  `${random.below(2) === 0 ? '-' : ''}${digits(random, whole)}.${digits(random, fraction)}`;

/** What has a value that a dump prints exactly: few digits, in eighths. */
const eighths = (random: Random) => String((random.below(16_000) - 8_000) / 8);

const ALL: readonly Column[] = [
  { name: 'c_tiny', definition: 'TINYINT', value: whole(-128, 127) },
  { name: 'c_tiny_u', definition: 'TINYINT UNSIGNED', value: whole(0, 255) },
  { name: 'c_small', definition: 'SMALLINT', value: whole(-32768, 32767) },
  { name: 'c_medium', definition: 'MEDIUMINT', value: whole(-8388608, 8388607) },
  { name: 'c_int', definition: 'INT', value: whole(-2147483648, 2147483647) },
  { name: 'c_int_u', definition: 'INT UNSIGNED', value: whole(0, 4294967295) },
  { name: 'c_big', definition: 'BIGINT', value: (random) => `-${digits(random, 18)}` },
  { name: 'c_big_u', definition: 'BIGINT UNSIGNED', value: (random) => `184467${digits(random, 13)}` },
  { name: 'c_decimal', definition: 'DECIMAL(12,4)', value: (random) => number(random, 8, 4) },
  { name: 'c_decimal_wide', definition: 'DECIMAL(65,30)', value: (random) => number(random, 35, 30) },
  { name: 'c_float', definition: 'FLOAT', value: eighths },
  {
    name: 'c_double',
    definition: 'DOUBLE',
    value: (random) => `${number(random, 1, 15)}e${random.below(200)}`,
  },
  { name: 'c_bit', definition: 'BIT(1)', value: (random) => `b'${random.below(2)}'` },
  { name: 'c_bits', definition: 'BIT(61)', value: (random) => `b'1${random.below(2 ** 31).toString(2)}'` },
  { name: 'c_date', definition: 'DATE', value: (random) => `'${date(random)}'` },
  {
    name: 'c_time',
    definition: 'TIME',
    value: (random) => `'-${random.between(100, 800)}:${two(random, 59)}:01'`,
  },
  { name: 'c_time_3', definition: 'TIME(3)', value: (random) => `'${clock(random)}.${digits(random, 3)}'` },
  { name: 'c_datetime', definition: 'DATETIME', value: (random) => `'${date(random)} ${clock(random)}'` },
  {
    name: 'c_datetime_6',
    definition: 'DATETIME(6)',
    value: (random) => `'${date(random)} ${clock(random)}.${digits(random, 6)}'`,
  },
  {
    name: 'c_timestamp',
    definition: 'TIMESTAMP NULL',
    value: (random) => `'${date(random)} ${clock(random)}'`,
  },
  {
    name: 'c_timestamp_2',
    definition: 'TIMESTAMP(2) NULL',
    value: (random) => `'${date(random)} ${clock(random)}.${digits(random, 2)}'`,
  },
  { name: 'c_year', definition: 'YEAR', value: whole(1901, 2155) },
  { name: 'c_char', definition: 'CHAR(20)', value: (random) => text(random, 20) },
  {
    name: 'c_char_latin',
    definition: 'CHAR(9) CHARACTER SET latin1',
    value: (random) => `'é${digits(random, 8)}'`,
  },
  { name: 'c_varchar', definition: 'VARCHAR(60)', value: (random) => text(random, 60) },
  { name: 'c_varchar_long', definition: 'VARCHAR(700)', value: (random) => text(random, 300) },
  { name: 'c_binary', definition: 'BINARY(8)', value: (random) => bytes(random, 8) },
  { name: 'c_varbinary', definition: 'VARBINARY(300)', value: (random) => bytes(random, 40) },
  { name: 'c_tinytext', definition: 'TINYTEXT', value: (random) => text(random, 50) },
  { name: 'c_text', definition: 'TEXT', value: (random) => text(random, 400) },
  { name: 'c_mediumtext', definition: 'MEDIUMTEXT', value: (random) => text(random, 100) },
  { name: 'c_longtext', definition: 'LONGTEXT', value: (random) => text(random, 100) },
  { name: 'c_tinyblob', definition: 'TINYBLOB', value: (random) => bytes(random, 100) },
  { name: 'c_blob', definition: 'BLOB', value: (random) => bytes(random, 200) },
  { name: 'c_mediumblob', definition: 'MEDIUMBLOB', value: (random) => bytes(random, 50) },
  { name: 'c_longblob', definition: 'LONGBLOB', value: (random) => bytes(random, 50) },
  { name: 'c_enum', definition: "ENUM('one','two','drei''s')", value: whole(1, 3) },
  { name: 'c_set', definition: "SET('a','b','c','d','e','f','g','h','i')", value: whole(0, 511) },
  {
    name: 'c_point',
    definition: 'POINT',
    value: (random) => `ST_GeomFromText('POINT(${random.below(90)} ${eighths(random)})')`,
  },
  {
    name: 'c_geometry',
    definition: 'GEOMETRY',
    value: (random) => `ST_GeomFromText('LINESTRING(0 0,${random.below(9)} 1,${eighths(random)} 5)')`,
  },
];

const json = (random: Random) =>
  `'{"n": ${random.below(1000)}, "list": [1, ${random.below(9)}, null, true], "text": "${digits(random, 30)}"}'`;

const SINCE_5_6: readonly Column[] = [
  { name: 'c_json', definition: 'JSON', value: json },
  { name: 'c_sum', definition: 'BIGINT AS (c_small + c_medium) STORED' },
  { name: 'c_twice', definition: 'BIGINT AS (c_small * 2) VIRTUAL' },
];

const OF_FLAVOUR: Readonly<Record<FlavourName, readonly Column[]>> = {
  mysql56: [],
  mysql97: [
    ...SINCE_5_6,
    {
      name: 'c_vector',
      definition: 'VECTOR(3)',
      value: (random) => `STRING_TO_VECTOR('[1, ${eighths(random)}, ${eighths(random)}]')`,
    },
  ],
  mariadb: [
    ...SINCE_5_6,
    { name: 'c_inet6', definition: 'INET6', value: (random) => `'2001:db8::${random.below(9999)}'` },
    {
      name: 'c_uuid',
      definition: 'UUID',
      value: (random) => `'31f00f00-e53e-11f1-a188-${digits(random, 12)}'`,
    },
  ],
};

/** One column of each type that the flavour has. */
export function columnsOf(flavour: FlavourName): readonly Column[] {
  return [...ALL, ...OF_FLAVOUR[flavour]];
}
