import { z } from 'zod';
import { LOG_LEVELS } from '../common/log-levels.js';
import { QuorateError } from '../common/errors.js';
import type { Caller } from '../api/auth.js';
import type { Authenticator } from '../http/authenticator.js';
import type { MemberEndpoint } from '../http/member-endpoints.js';
import type { AdminAnswer } from '../http/proxy-admin.js';
import type { ProxyRecord } from '../redis/topology/records.js';
import { changeLogLevel, type Logger } from '../telemetry/logger.js';
import { askJson } from './ask-json.js';

/** At members and at proxies. */
export const LOG_LEVEL_PATH = '/log-level';

const ASK_TIMEOUT_MS = 2_000;
/** As whom a member changes it at a proxy, once it has made sure who asks. */
const ADMIN_CALLER: Caller = Object.freeze({ name: 'member', role: 'ADMIN', expiresAt: null });

const proxyInput = { proxy: z.string().optional() };
const question = z.object(proxyInput);
const change = z.object({ level: z.enum(LOG_LEVELS), ...proxyInput });

export interface LogLevelOptions {
  readonly log: Logger;
  readonly authenticator: Authenticator;
  /** Undefined when there is no such proxy. */
  readonly proxyNamed: (name: string) => ProxyRecord | undefined;
}

/** `GET` and `PUT /log-level` of a member: its own, or that of the proxy that the question names. */
export function logLevelEndpoints({ log, authenticator, proxyNamed }: LogLevelOptions): MemberEndpoint[] {
  const askProxy = async (name: string, body?: unknown): Promise<unknown> =>
    askJson(urlOf(proxyNamed(name), name), {
      token: await authenticator.signForwarded(ADMIN_CALLER),
      timeoutMs: ASK_TIMEOUT_MS,
      ...(body !== undefined && { method: 'PUT', body }),
    });
  return [
    {
      ...{ method: 'GET', path: LOG_LEVEL_PATH, role: 'ADMIN' },
      answer(query) {
        const { proxy } = parseQuestion(query);
        return proxy === undefined ? { level: log.level } : askProxy(proxy);
      },
    },
    {
      ...{ method: 'PUT', path: LOG_LEVEL_PATH, role: 'ADMIN' },
      answer(body) {
        const { level, proxy } = parseChange(body);
        if (proxy !== undefined) return askProxy(proxy, { level });
        changeLogLevel(log, level);
        return { level };
      },
    },
  ];
}

/** The same at a proxy, for members. */
export function proxyLogLevel(log: Logger): Record<string, AdminAnswer> {
  return {
    [`GET ${LOG_LEVEL_PATH}`]: { role: 'ADMIN', answer: () => ({ level: log.level }) },
    [`PUT ${LOG_LEVEL_PATH}`]: {
      role: 'ADMIN',
      answer(body) {
        const { level } = parseChange(body);
        changeLogLevel(log, level);
        return { level };
      },
    },
  };
}

function parseQuestion(query: unknown): z.output<typeof question> {
  const parsed = question.safeParse(query);
  if (parsed.success) return parsed.data;
  throw new QuorateError('INVALID_INPUT', 'Expected at most the name of one proxy.');
}

function parseChange(body: unknown): z.output<typeof change> {
  const parsed = change.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new QuorateError('INVALID_INPUT', `Expected {"level": one of ${LOG_LEVELS.join(', ')}}.`);
}

function urlOf(proxy: ProxyRecord | undefined, name: string): URL {
  if (!proxy) throw new QuorateError('NOT_FOUND', `There is no proxy ${name}.`);
  if (proxy.adminAddress !== null) return new URL(LOG_LEVEL_PATH, `http://${proxy.adminAddress}`);
  throw new QuorateError('NOT_FOUND', `Proxy ${name} runs inside a member: it logs as that member does.`);
}
