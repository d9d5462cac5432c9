import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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
