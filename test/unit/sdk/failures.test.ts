import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Endpoints } from '../../../src/sdk/endpoints.js';
import * as sdk from '../../../src/sdk/index.js';

/** Answers as the test says; what the SDK makes of an answer is looked at here, not who gives it. */
let server: Server;
let answer: (response: ServerResponse) => void;
let client: sdk.QuorateClient;
let url: string;

beforeEach(async () => {
  server = createServer((request, response) => request.resume().on('end', () => answer(response)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = sdk.createClient({ url });
});

afterEach(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function answering(status: number, body: unknown): void {
  answer = (response) => {
    response.statusCode = status;
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

async function caught(call: Promise<unknown>): Promise<sdk.QuorateSdkError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(sdk.QuorateSdkError);
  return error as sdk.QuorateSdkError;
}

describe('an answer with an error becomes an error of its kind', () => {
  test.each([
    ['UNAUTHENTICATED', 401, sdk.UnauthenticatedError],
    ['FORBIDDEN', 403, sdk.ForbiddenError],
    ['FORBIDDEN', 200, sdk.ForbiddenError],
    ['GRAPHQL_VALIDATION_FAILED', 400, sdk.InvalidRequestError],
    ['GRAPHQL_PARSE_FAILED', 400, sdk.InvalidRequestError],
    ['BAD_USER_INPUT', 200, sdk.InvalidRequestError],
    ['BAD_REQUEST', 413, sdk.InvalidRequestError],
    ['NO_LEADER', 200, sdk.NoLeaderError],
    ['UNAVAILABLE', 200, sdk.UnavailableError],
    ['NOT_A_MEMBER', 503, sdk.UnavailableError],
    ['TIMEOUT', 200, sdk.OutcomeUnknownError],
    ['COMPACTED', 200, sdk.CompactedError],
    ['INTERNAL', 200, sdk.InternalError],
  ])('%s with status %i', async (code, status, kind) => {
    answering(status, { errors: [{ message: 'why', extensions: { code, errorId: 'e1' } }] });
    const error = await caught(client.groups());
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ code, message: 'why', name: kind.name });
    if (error instanceof sdk.InternalError) expect(error.errorId).toBe('e1');
  });

  test('an error beside data is no success', async () => {
    answering(200, {
      data: { groups: [] },
      errors: [{ message: 'why', extensions: { code: 'UNAVAILABLE' } }],
    });
    expect(await caught(client.groups())).toBeInstanceOf(sdk.UnavailableError);
  });

  test('a refusal has the code of the first reason and all messages', async () => {
    const userErrors = [
      { code: 'CONFLICT', path: ['input'], message: 'One.' },
      { code: 'IN_USE', path: [], message: 'Two.' },
    ];
    answering(200, { data: { createGroup: { userErrors } } });
    const error = await caught(client.createGroup({ input: { number: 1 } }));
    expect(error).toBeInstanceOf(sdk.RefusedError);
    expect(error).toMatchObject({ code: 'CONFLICT', message: 'One. Two.', userErrors });
  });
});

describe('without an answer', () => {
  test('a query was in vain, and of a mutation the outcome is unknown', async () => {
    answer = (response) => void response.socket?.destroy();
    expect(await caught(client.groups())).toBeInstanceOf(sdk.UnreachableError);
    expect(await caught(client.createGroup({ input: { number: 1 } }))).toBeInstanceOf(
      sdk.OutcomeUnknownError,
    );
    answer = (response) => {
      response.write('{"data":');
      setImmediate(() => response.socket?.destroy());
    };
    expect(await caught(client.createGroup({ input: { number: 1 } }))).toBeInstanceOf(
      sdk.OutcomeUnknownError,
    );
  });

  test('the same holds when none comes in time', async () => {
    answer = () => undefined;
    const hasty = sdk.createClient({ url, timeoutMs: 50 });
    expect(await caught(hasty.groups())).toBeInstanceOf(sdk.UnreachableError);
    expect(await caught(hasty.createGroup({ input: { number: 1 } }))).toBeInstanceOf(sdk.OutcomeUnknownError);
    await hasty.close();
  });

  test('a mutation whose outcome is unknown is not sent to another member', async () => {
    let asked = 0;
    answer = (response) => {
      asked++;
      response.socket?.destroy();
    };
    const several = sdk.createClient({ url: [url, url] });
    expect(await caught(several.createGroup({ input: { number: 1 } }))).toBeInstanceOf(
      sdk.OutcomeUnknownError,
    );
    expect(asked).toBe(1);
    await several.close();
  });

  test('something that is no member is named', async () => {
    answering(404, '<html>');
    const error = await caught(client.groups());
    expect(error).toBeInstanceOf(sdk.UnreachableError);
    expect(error.message).toContain(`${url}/graphql answered with HTTP status 404`);
    answering(502, '<html>');
    expect(await caught(client.createGroup({ input: { number: 1 } }))).toBeInstanceOf(
      sdk.OutcomeUnknownError,
    );
  });

  test('closing the client ends the call', async () => {
    answer = () => undefined;
    const call = caught(client.groups());
    await client.close();
    expect(await call).toBeInstanceOf(sdk.ClosedError);
  });
});

test('a URL that is none is refused when the client is made', () => {
  for (const wrong of ['', '/', 'quorate', 'ftp://127.0.0.1', []]) {
    expect(() => sdk.createClient({ url: wrong })).toThrow(sdk.InvalidRequestError);
  }
});

test('in a page, a URL may be relative to it', () => {
  const globals = globalThis as { location?: unknown };
  globals.location = {
    href: 'https://example.org:4000/dashboard/#slots',
    origin: 'https://example.org:4000',
  };
  try {
    const urls = ['', '/', '/quorate/', 'http://other:1'].map((text) => new Endpoints(text));
    expect(urls.map(({ http }) => http)).toEqual([
      'https://example.org:4000/graphql',
      'https://example.org:4000/graphql',
      'https://example.org:4000/quorate/graphql',
      'http://other:1/graphql',
    ]);
    expect(urls[0]?.websocket).toBe('wss://example.org:4000/graphql');
  } finally {
    delete globals.location;
  }
});
