import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { extendSchema, parse } from 'graphql';
import { badInput } from '../../../src/domain/errors.ts';
import { createSchema } from '../../../src/schema/index.ts';
import { newUserId } from '../../support/test-app.ts';
import { type Api, codeOf, startApi } from './harness.ts';

/** What a browser fetches by itself when it reads this; the rest are names, comments and links to click. */
const fetched = {
  markup: /https?:\/\//,
  code: /(?:\bfetch|\bimport|importScripts|\bWorker|EventSource|WebSocket|@import|\burl)\s*\(?\s*["'`(]\s*(?:https?|wss?):/,
};

describe('HTTP', () => {
  let api: Api;
  let token: string;
  beforeAll(async () => {
    api = await startApi();
    token = await api.token(newUserId());
  });
  afterAll(() => api.dispose());

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(new URL(path, api.url), { headers, redirect: 'manual' });

  describe('status codes', () => {
    const post = (body: unknown, headers: Record<string, string> = {}) =>
      fetch(api.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
    const strict = { accept: 'application/graphql-response+json' };

    test.each([
      ['a syntax error', { query: '{' }, 400],
      ['an unknown field', { query: '{ nothing }' }, 400],
      [
        'a variable of the wrong type',
        { query: 'query ($id: ID!) { conversation(id: $id) { id } }', variables: { id: [] } },
        400,
      ],
      ['a body that is no JSON', '{', 400],
      ['an empty body', '', 400],
      ['no query', {}, 400],
      ['a batch', [{ query: '{ __typename }' }], 400],
      ['a refusal inside a result', { query: '{ broadcasts { cursor } }' }, 200],
      ['a mutation', { query: 'mutation { updateProfile(input: {}) { role } }' }, 200],
    ])('%s', async (_, body, status) => {
      const response = await post(body, strict);
      expect(response.status).toBe(status);
      expect(await response.text()).not.toMatch(/node_modules|\bat .*\(/);
    });

    test('a type of body that is none of ours is 415, a type of answer 406', async () => {
      expect((await post('query', { 'content-type': 'text/plain' })).status).toBe(415);
      const subscription = { query: 'subscription { messageReceived { __typename } }' };
      expect((await post(subscription, { accept: 'application/json' })).status).toBe(406);
    });

    test('methods that mean nothing here are 405, and a mutation by GET too', async () => {
      for (const method of ['PUT', 'DELETE', 'PATCH']) {
        const response = await fetch(api.url, { method, body: '{}' });
        expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS']);
      }
      const query = encodeURIComponent('mutation { updateProfile(input: {}) { role } }');
      expect((await get(`/graphql?query=${query}`, { authorization: `Bearer ${token}` })).status).toBe(405);
    });

    test('[A1] a query by GET takes its token from the header alone', async () => {
      const query = encodeURIComponent('{ viewer { role } }');
      const response = await get(`/graphql?query=${query}`, { authorization: `Bearer ${token}` });
      expect([response.status, await response.json()]).toEqual([
        200,
        { data: { viewer: { role: 'LEARNER' } } },
      ]);
      expect((await get(`/graphql?query=${query}&authorization=Bearer%20${token}`)).status).toBe(401);
    });

    test('paths where there is nothing are 404', async () => {
      for (const path of ['/graphql/', '/graphq', '/health', '/metrics/../x', '/.env']) {
        expect([path, (await get(path)).status]).toEqual([path, 404]);
      }
    });

    test('a body read in pieces larger than a buffer arrives whole', async () => {
      const text = 'x'.repeat(7_000);
      const fill = 'y'.repeat(150_000);
      const response = await post({
        query:
          'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { ... on SendMessageSuccess { message { text } } } }',
        variables: { input: { clientMessageId: newUserId('m'), text, answer: false }, fill },
      });
      expect(await response.json()).toEqual({ data: { sendMessage: { message: { text } } } });
    });
  });

  describe('a request like most', () => {
    const send = `mutation ($input: SendMessageInput!) {
      sendMessage(input: $input) { __typename ... on SendMessageSuccess { message { text } } ... on Error { code } }
    }`;
    const input = { clientMessageId: 'once', text: 'Hello "𝔘", \u2028', answer: false };
    const sent = { query: send, variables: { input } };
    const bodies: readonly [string, object][] = [
      ['a message', sent],
      ['a query', { query: '{ viewer { role } }', operationName: null, variables: null, extensions: null }],
      [
        'a named operation',
        { query: 'query A { viewer { role } } query B { __typename }', operationName: 'B' },
      ],
      ['a missing operation', { query: 'query A { __typename } query B { __typename }' }],
      ['an unknown operation', { query: 'query A { __typename }', operationName: 'B' }],
      ['a refusal', { query: '{ viewer { role } broadcasts { cursor } }' }],
      ['an invalid variable', { ...sent, variables: { input: { ...input, text: 1 } } }],
      ['no variable', { query: send }],
      ['input that is refused', { ...sent, variables: { input: { ...input, text: '' } } }],
      ['a conflict', { ...sent, variables: { input: { ...input, text: 'Else' } } }],
      ['what is not there', { ...sent, variables: { input: { ...input, conversationId: 'none' } } }],
      ['cursors that are none', { query: '{ viewer { role } }', extensions: { after: 1 } }],
      ['variables that are none', { query: '{ viewer { role } }', variables: [] }],
      ['a further parameter', { query: '{ viewer { role } }', id: 1 }],
      ['an unknown field', { query: '{ nothing }' }],
      ['a syntax error', { query: '{' }],
    ];
    const accepts = [
      undefined,
      '*/*',
      'application/json',
      'application/json, text/plain, */*',
      'application/graphql-response+json',
      'application/graphql-response+json, application/json',
      'application/graphql-response+json,application/json;q=0.9',
      'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
      'application/json; charset=latin1',
      'text/html',
    ];

    /** By node:http, since fetch adds headers of its own. */
    const ask = async (body: object, headers: OutgoingHttpHeaders) => {
      const posted = request(api.url, { method: 'POST', headers });
      posted.end(JSON.stringify(body));
      const [response] = (await once(posted, 'response')) as [IncomingMessage];
      const text = Buffer.concat(await response.toArray()).toString();
      const { date: _, ...others } = response.headers;
      return { status: response.statusCode, headers: others, body: text };
    };

    test.each(bodies)(
      '%s is answered as Yoga answers it, whatever is accepted and whoever asks',
      async (_, body) => {
        const authorization = `Bearer ${token}`;
        for (const accept of accepts) {
          for (const who of [{ authorization }, { authorization, origin: 'https://learn.example' }, {}]) {
            const headers = { ...who, ...(accept === undefined ? {} : { accept }) };
            const [usual, yogas] = [
              await ask(body, { ...headers, 'content-type': 'application/json' }),
              // The same to Yoga, and to it alone.
              await ask(body, { ...headers, 'content-type': 'application/graphql+json' }),
            ];
            expect([headers, usual]).toEqual([headers, yogas]);
          }
        }
      },
    );
  });

  test('health is live and ready', async () => {
    const [live, ready] = [await get('/health/live'), await get('/health/ready')];
    expect([live.status, await live.json()]).toEqual([200, { status: 'live' }]);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
  });

  test('pages of other origins may ask, without cookies', async () => {
    const response = await fetch(api.url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://learn.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://learn.example');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    expect(response.headers.get('access-control-allow-headers')).toContain('authorization');
  });

  describe('GraphiQL', () => {
    test('is served to browsers, and nothing in its page is fetched from elsewhere', async () => {
      const response = await get('/graphql', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^text\/html/);
      const page = await response.text();
      const markup = page
        .replace(/<script\b([^>]*)>[\s\S]*?<\/script>/g, '<script$1></script>')
        .replace(/<style\b([^>]*)>[\s\S]*?<\/style>/g, '<style$1></style>');
      expect(markup.length).toBeLessThan(page.length / 10);
      expect(markup).not.toMatch(fetched.markup);
      expect(markup).not.toMatch(/<(?:script|link)[^>]+(?:src|href)="(?!data:)/);
      expect(page).not.toMatch(fetched.code);
      expect(page).toContain('EdAgent');
    });

    test('is where the address without a path leads', async () => {
      const response = await get('/', { accept: 'text/html' });
      expect([response.status, response.headers.get('location')]).toEqual([302, '/graphql']);
    });

    test('its example is a valid document', async () => {
      const page = await (await get('/graphql', { accept: 'text/html' })).text();
      const example = /mutation Send \{.*?\\n\}/
        .exec(page)?.[0]
        .replaceAll('\\n', '\n')
        .replaceAll('\\"', '"');
      const result = await api.query(token, example ?? '');
      expect(result.errors).toBeUndefined();
      expect(result.data.sendMessage).toHaveProperty('cursor');
    });
  });
});

test('a mutation whose result has errors is executed once', async () => {
  const schema = extendSchema(createSchema(), parse('extend type Mutation { fail: Int }'));
  let calls = 0;
  const fail = schema.getMutationType()?.getFields().fail;
  if (!fail) throw new Error('the field is missing');
  fail.resolve = () => {
    calls += 1;
    throw badInput('fail', 'it does.');
  };
  const api = await startApi({ schema });
  const result = await api.query(await api.token(newUserId()), 'mutation { fail }');
  expect([codeOf(result), calls]).toEqual(['BAD_INPUT', 1]);
  await api.dispose();
});

describe('in production', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi({ env: { NODE_ENV: 'production' } });
  });
  afterAll(() => api.dispose());

  test('GraphiQL is off', async () => {
    const page = await fetch(api.url, { headers: { accept: 'text/html' } });
    expect(page.status).toBeGreaterThanOrEqual(400);
    expect(await page.text()).not.toContain('GraphiQL');
    expect((await fetch(new URL('/', api.url), { redirect: 'manual' })).status).toBe(404);
  });

  test('the API is the same', async () => {
    const token = await api.token(newUserId());
    expect((await api.query(token, '{ viewer { role } }')).data).toEqual({ viewer: { role: 'LEARNER' } });
    expect(codeOf(await api.query(token, '{ nothing }'))).toBe('BAD_INPUT');
  });
});
