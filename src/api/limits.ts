import { ApolloArmor } from '@escape.tech/graphql-armor';
import type { ValidationRule } from 'graphql';

/** Tokens in one document; the largest of our own queries has a few hundred. */
export const MAX_TOKENS = 2_000;

const armor = new ApolloArmor({
  maxDepth: { n: 10 },
  maxAliases: { n: 30 },
  maxDirectives: { n: 50 },
  costLimit: { maxCost: 20_000, objectCost: 2, scalarCost: 1, depthCostFactor: 1.5 },
  // Parsing is limited by MAX_TOKENS on both transports, in graphql's own parser.
  maxTokens: { enabled: false },
  blockFieldSuggestion: { enabled: false },
}).protect();

/** Rules that every document has to pass, over HTTP and over the websocket alike. */
export const limitRules: readonly ValidationRule[] = armor.validationRules;

export const limitPlugins = armor.plugins;
