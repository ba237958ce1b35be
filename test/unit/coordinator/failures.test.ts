import { EtcdAuthenticationFailedError, GRPCDeadlineExceededError, GRPCUnavailableError } from 'etcd3';
import { describe, expect, it } from 'vitest';
import { explain, isRefusal, wasNeverSent } from '../../../src/coordinator/etcd/failures.js';

const unavailable = (cause: string) =>
  new GRPCUnavailableError(
    `14 UNAVAILABLE: No connection established. Last error: ${cause}. Resolution note: `,
  );

describe('the errors of etcd3', () => {
  it('are told apart by whether the request can have been carried out', () => {
    expect(wasNeverSent(unavailable('connect ECONNREFUSED 127.0.0.1:1'))).toBe(true);
    expect(wasNeverSent(new GRPCUnavailableError('14 UNAVAILABLE: read ECONNRESET'))).toBe(false);
    expect(
      wasNeverSent(new GRPCDeadlineExceededError('4 DEADLINE_EXCEEDED: Deadline exceeded after 3s')),
    ).toBe(false);
    const atOnce = '4 DEADLINE_EXCEEDED: Deadline exceeded after 0.002s,waiting for name resolution';
    expect(wasNeverSent(new GRPCDeadlineExceededError(atOnce))).toBe(true);
    expect(isRefusal(new EtcdAuthenticationFailedError('etcdserver: authentication failed'))).toBe(true);
    expect(isRefusal(unavailable('anything'))).toBe(false);
  });

  it.each([
    [unavailable('connect ECONNREFUSED 127.0.0.1:1'), 'connection refused'],
    [
      unavailable('self-signed certificate in certificate chain'),
      'TLS failure: self-signed certificate in certificate chain',
    ],
    [unavailable('getaddrinfo ENOTFOUND etcd'), 'getaddrinfo ENOTFOUND etcd'],
    [new GRPCDeadlineExceededError('4 DEADLINE_EXCEEDED: Deadline exceeded after 3s'), 'no answer in time'],
    [
      new EtcdAuthenticationFailedError('etcdserver: authentication failed, invalid user ID or password'),
      'authentication failed: wrong user name or password',
    ],
  ])('are explained to operators: %s', (error, explanation) => {
    expect(explain(error)).toBe(explanation);
  });
});
