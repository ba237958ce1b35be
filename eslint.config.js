import tseslint from 'typescript-eslint';

/**
 * Data flows one way through the layers: each folder under src/ lists the folders it may import from.
 * What is not listed is an error, so that a circle between layers cannot be written.
 */
const layers = {
  common: [],
  sdk: [],
  telemetry: ['common'],
  config: ['common'],
  coordinator: ['common'],
  cluster: ['common', 'telemetry', 'coordinator'],
  redis: ['common', 'telemetry', 'coordinator', 'cluster'],
  binlog: ['common', 'telemetry', 'coordinator', 'cluster'],
  api: ['common', 'telemetry', 'coordinator', 'cluster', 'redis', 'binlog'],
  http: ['common', 'telemetry', 'cluster', 'api'],
  app: ['common', 'config', 'telemetry', 'coordinator', 'cluster', 'redis', 'binlog', 'api', 'http'],
  cli: ['common', 'config', 'telemetry', 'binlog', 'api', 'http', 'app', 'sdk'],
  web: ['sdk'],
};

const layerRules = Object.entries(layers).map(([layer, allowed]) => {
  const forbidden = Object.keys(layers).filter((other) => other !== layer && !allowed.includes(other));
  return {
    files: [`src/${layer}/**/*.{ts,tsx}`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(${forbidden.join('|')})/`,
              message: `src/${layer} may import only from: ${allowed.join(', ') || 'itself'}.`,
            },
            ...(['cluster', 'redis', 'binlog', 'coordinator'].includes(layer)
              ? [
                  {
                    regex: '^(graphql|type-graphql|express|@apollo/)',
                    message: 'Domain code knows no GraphQL and no HTTP.',
                  },
                ]
              : []),
          ],
        },
      ],
    },
  };
});

/** Within the Redis half: what is decided knows neither of those that carry it out. */
const redisRules = {
  files: ['src/redis/topology/**/*.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          { regex: '^\\.\\./(proxy|migration)/', message: 'The topology knows neither proxies nor moves.' },
        ],
      },
    ],
  },
};

/** What carries the users' requests runs without a coordinator, and without what is decided over it. */
const dataPlaneRules = {
  files: ['src/redis/proxy/**/*.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: '^(\\.\\./)+(proxy-agent|topology|migration|cluster|coordinator)/',
            message:
              "The proxy's data plane knows neither the coordinator nor the cluster: src/redis/proxy-agent does.",
          },
        ],
      },
    ],
  },
};

/** What asks a running cluster is a client like others, and does not wait for the server's code to load. */
const adminRules = {
  files: ['src/cli/admin/**/*.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          { regex: '^(\\.\\./)+(?!sdk/)[a-z]', message: 'These commands are built on the SDK alone.' },
        ],
      },
    ],
  },
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'data/', 'coverage/'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/sdk/generated/**'],
    // A longer file says at its top why it is one.
    rules: { 'max-lines': ['error', { max: 350 }] },
  },
  {
    files: ['test/**/*.ts', 'examples/**/*.ts'],
    rules: { 'no-console': 'off', '@typescript-eslint/no-explicit-any': 'error' },
  },
  {
    files: ['test/harness/**/*.ts'],
    // What comes as JSON gets a type here, not in each test.
    rules: { '@typescript-eslint/no-unsafe-return': 'error' },
  },
  ...layerRules,
  redisRules,
  dataPlaneRules,
  adminRules,
);
