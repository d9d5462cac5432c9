import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { type IncomingMessage, request as sendRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../../src/config.ts';
import { testSecret } from '../../support/test-app.ts';
import { createWebPage, type WebPage } from '../../support/web-page.ts';
import { type Api, startApi } from './harness.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly text: string;
}

interface Request {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** As it is written: `fetch` would tidy the path, and compress as it likes. */
const ask = async (
  api: Api,
  path: string,
  { method = 'GET', headers, body }: Request = {},
): Promise<Answer> => {
  const { hostname, port } = new URL(api.url);
  const request = sendRequest({ hostname, port, path, method, agent: false, ...(headers && { headers }) });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const bytes = await buffer(response);
  return { status: response.statusCode, headers: response.headers, body: bytes, text: bytes.toString() };
};

const csp = (connect: string, ancestors: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

const script = '/assets/index-1a2b.js';
/** Tokens of development are valid where no key is configured. */
const byName = { EDAGENT_JWT_SECRET: '' };

let page: WebPage;
beforeAll(async () => {
  page = await createWebPage();
});
afterAll(() => page.dispose());

describe('the page', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi({ webPath: page.path });
  });
  afterAll(() => api.dispose());

  test.each(['/', '/c/0190-abc', '/c/0190-abc/', '/admin', '/admin/', '/?from=mail'])(
    'is at %s, and asked for again each time',
    async (path) => {
      const { status, headers, text } = await ask(api, path);
      expect([status, text]).toEqual([200, page.html]);
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'content-length': `${page.html.length}`,
      });
    },
  );

  test('lets nothing run that is not of this server, and no other page hold it', async () => {
    const { headers } = await ask(api, '/');
    expect(headers).toMatchObject({
      'content-security-policy': csp("'self'", "'none'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('microphone=()'),
    });
  });

  test('has assets that are kept for a year, and other files that are not', async () => {
    const hashed = await ask(api, '/assets/font-3c4d.woff2');
    expect([hashed.status, hashed.text]).toEqual([200, 'a font']);
    expect(hashed.headers).toMatchObject({
      'content-type': 'font/woff2',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    const icon = await ask(api, '/icon.svg');
    expect(icon.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'cache-control': 'no-cache' });
  });

  test.each([
    ['br, gzip', 'br'],
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['*', 'br'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['br;q=0.1, gzip', 'gzip'],
    ['identity', undefined],
    ['', undefined],
  ])('answers "accept-encoding: %s" with %s', async (acceptEncoding, encoding) => {
    const { headers, body } = await ask(api, script, { headers: { 'accept-encoding': acceptEncoding } });
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers.vary).toBe('accept-encoding');
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    const decode =
      { br: brotliDecompressSync, gzip: gunzipSync }[encoding ?? ''] ?? ((bytes: Buffer) => bytes);
    expect(decode(body).toString()).toBe(page.script);
  });

  test('is not sent again to who has it', async () => {
    for (const [path, headers] of [
      ['/', {}],
      [script, { 'accept-encoding': 'br' }],
    ] as const) {
      const { etag = '' } = (await ask(api, path, { headers })).headers;
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await ask(api, path, { headers: { ...headers, 'if-none-match': known } });
        expect([known, again.status, again.text, again.headers.etag]).toEqual([known, 304, '', etag]);
      }
      const other = await ask(api, path, { headers: { ...headers, 'if-none-match': '"other"' } });
      expect(other.status).toBe(200);
    }
  });

  test('has one tag for each encoding', async () => {
    const tags = await Promise.all(
      ['br', 'gzip', 'identity'].map(async (encoding) => {
        const { headers } = await ask(api, script, { headers: { 'accept-encoding': encoding } });
        return headers.etag;
      }),
    );
    expect(new Set(tags).size).toBe(3);
  });

  test('HEAD tells all but the content; other methods are refused', async () => {
    const got = await ask(api, script);
    const head = await ask(api, script, { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    expect({ ...head.headers, date: '' }).toEqual({ ...got.headers, date: '' });
    for (const path of ['/', script, '/web/config.json']) {
      const { status, headers } = await ask(api, path, { method: 'POST' });
      expect([path, status, headers.allow]).toEqual([path, 405, 'GET, HEAD']);
    }
  });

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/..\\secret.txt',
    '/assets/....//secret.txt',
    '//secret.txt',
    '/.hidden',
    '/index.html',
    '/assets/',
    '/assets/index-1a2b.js.br',
    '/assets/index-0000.js',
    '/c/',
    '/c/a/b',
    '/constructor',
    '/web/sign-in',
  ])('nothing is at %s', async (path) => {
    const { status, headers, text } = await ask(api, path);
    expect([status, headers['cache-control']]).toEqual([404, 'no-store']);
    expect(JSON.parse(text).errors[0].message).toContain('There is nothing here');
    expect(text).not.toContain('sesame');
  });

  test('leaves the API and GraphiQL where they are', async () => {
    const { status, text } = await ask(api, '/graphql', { headers: { accept: 'text/html' } });
    expect([status, text.includes('GraphiQL')]).toEqual([200, true]);
    expect(api.app.chatUrl).toBe(new URL('/', api.url).href);
  });
});

test('a page that is built anew while it is served stays as it was', async () => {
  const own = await createWebPage();
  const api = await startApi({ webPath: own.path });
  try {
    await rm(own.path, { recursive: true });
    expect((await ask(api, '/')).text).toBe(own.html);
    expect((await ask(api, script)).text).toBe(own.script);
  } finally {
    await api.dispose();
    await own.dispose();
  }
});

describe('without a built page', () => {
  test('the address without a path leads to GraphiQL; where that is off, it says what to run', async () => {
    const withGraphiql = await startApi();
    const without = await startApi({ env: { EDAGENT_GRAPHIQL: 'off' } });
    try {
      expect((await ask(withGraphiql, '/')).headers.location).toBe('/graphql');
      const { status, text } = await ask(without, '/');
      expect([status, JSON.parse(text).errors[0].message]).toEqual([
        404,
        'The page is not built; "npm run build" builds it; the API is at /graphql.',
      ]);
      expect((await ask(without, '/web/config.json')).status).toBe(200);
      expect(without.app.chatUrl).toBeNull();
    } finally {
      await withGraphiql.dispose();
      await without.dispose();
    }
  });

  test('EDAGENT_WEB=off serves none, and nothing of what it asks', async () => {
    const api = await startApi({ webPath: page.path, env: { EDAGENT_WEB: 'off', ...byName } });
    try {
      expect((await ask(api, '/')).headers.location).toBe('/graphql');
      for (const path of ['/c/a', script, '/web/config.json', '/web/sign-in']) {
        expect([path, (await ask(api, path)).status]).toEqual([path, 404]);
      }
      expect(api.app.chatUrl).toBeNull();
    } finally {
      await api.dispose();
    }
  });
});

describe('/web/config.json', () => {
  const address = 'https://school.example/token?for=chat';
  const origins = ['https://school.example', 'https://learn.example:8443'];
  const production = { NODE_ENV: 'production' };

  test.each([
    ['no key', byName, { kind: 'development' }, csp("'self'", "'none'")],
    ['a key', {}, { kind: 'none' }, csp("'self'", "'none'")],
    ['production', production, { kind: 'none' }, csp("'self'", "'none'")],
    [
      'a sign-in address',
      { ...production, EDAGENT_WEB_SIGN_IN: address },
      { kind: 'address', address },
      csp("'self' https://school.example", "'none'"),
    ],
    [
      'a sign-in address and no key',
      { ...byName, EDAGENT_WEB_SIGN_IN: address },
      { kind: 'address', address },
      csp("'self' https://school.example", "'none'"),
    ],
    [
      'origins that embed',
      { ...production, EDAGENT_WEB_EMBED_ORIGINS: origins.join(', ') },
      { kind: 'embedded', origins },
      csp("'self'", origins.join(' ')),
    ],
  ])('tells how to sign in with %s, and the policy fits', async (_what, env, signIn, policy) => {
    const api = await startApi({ webPath: page.path, env });
    try {
      const { status, headers, text } = await ask(api, '/web/config.json');
      const graphiql = parseConfig({ EDAGENT_JWT_SECRET: testSecret, ...env }).server.isGraphiqlOn;
      expect([status, JSON.parse(text)]).toEqual([200, { signIn, graphiql }]);
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      expect((await ask(api, '/')).headers['content-security-policy']).toBe(policy);
      const isByName = signIn.kind === 'development';
      expect((await ask(api, '/web/sign-in', { method: 'POST' })).status).toBe(isByName ? 400 : 404);
    } finally {
      await api.dispose();
    }
  });
});

describe('POST /web/sign-in', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi({
      webPath: page.path,
      env: { ...byName, EDAGENT_JWT_ISSUER: 'https://school.example' },
    });
  });
  afterAll(() => api.dispose());

  const signIn = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    ask(api, '/web/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const viewerOf = async (name: string, role: string): Promise<unknown> => {
    const { token } = JSON.parse((await signIn({ name, role })).text);
    const { data } = await api.query(token, '{ viewer { role user { id name } } }');
    return data.viewer;
  };
  const refusalOf = ({ status, text }: Answer): unknown => [status, JSON.parse(text).errors[0].extensions];

  test('gives a token that the API takes, and the time of its end', async () => {
    const { status, headers, text } = await signIn(
      { name: 'Ada', role: 'ADMIN' },
      { origin: new URL(api.url).origin },
    );
    const { token, expiresAt } = JSON.parse(text);
    expect([status, headers['cache-control'], headers['set-cookie']]).toEqual([200, 'no-store', undefined]);
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    expect(Math.abs(exp * 1_000 - Date.parse(expiresAt))).toBeLessThan(5_000);
    expect(await viewerOf('Ada', 'ADMIN')).toEqual({ role: 'ADMIN', user: { id: 'ada-admin', name: 'Ada' } });
  });

  test('the same name and role is the same user', async () => {
    expect(await viewerOf(' Ben Okri ', 'LEARNER')).toEqual({
      role: 'LEARNER',
      user: { id: 'ben-okri', name: 'Ben Okri' },
    });
    expect(await viewerOf('Ben Okri', 'LEARNER')).toMatchObject({ user: { id: 'ben-okri' } });
  });

  test.each([
    ['no name', { role: 'LEARNER' }, 'name'],
    ['an empty name', { name: ' ', role: 'LEARNER' }, 'name'],
    ['a name of 61 characters', { name: 'x'.repeat(61), role: 'LEARNER' }, 'name'],
    ['a name of two lines', { name: 'a\nb', role: 'LEARNER' }, 'name'],
    ['a name that is no text', { name: ['a'], role: 'LEARNER' }, 'name'],
    ['no role', { name: 'Ada' }, 'role'],
    ['a role that is none', { name: 'Ada', role: 'admin' }, 'role'],
    ['a list', [], 'body'],
    ['null', null, 'body'],
    ['no JSON', '{', 'body'],
    ['nothing', '', 'body'],
  ])('%s is BAD_INPUT', async (_what, body, field) => {
    const refusal = { code: 'BAD_INPUT', temporary: false, field };
    expect(refusalOf(await signIn(body))).toEqual([400, refusal]);
  });

  test('a body of another type is refused: a page elsewhere can send it without asking', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      const answer = await signIn({ name: 'Ada', role: 'ADMIN' }, { 'content-type': type });
      expect(refusalOf(answer)).toEqual([400, expect.objectContaining({ field: 'content-type' })]);
    }
  });

  test('a body of many kilobytes is 413', async () => {
    expect((await signIn({ name: 'x'.repeat(5_000), role: 'LEARNER' })).status).toBe(413);
  });

  test.each(['http://evil.example', 'http://127.0.0.1:1', 'null', 'http://'])(
    'a page of the origin %s is refused',
    async (origin) => {
      const answer = await signIn({ name: 'Ada', role: 'ADMIN' }, { origin });
      expect(refusalOf(answer)).toEqual([403, { code: 'FORBIDDEN', temporary: false }]);
    },
  );

  test('a name that somebody made lead here is refused, with its own origin too', async () => {
    const { port } = new URL(api.url);
    for (const name of ['evil.example', 'localhost.evil.example', 'evillocalhost']) {
      const host = `${name}:${port}`;
      const answer = await signIn({ name: 'Ada', role: 'ADMIN' }, { host, origin: `http://${host}` });
      expect([name, answer.status]).toEqual([name, 403]);
    }
    for (const name of ['localhost', 'chat.localhost', '192.168.0.7', '[::1]']) {
      const host = `${name}:${port}`;
      const answer = await signIn({ name: 'Ada', role: 'ADMIN' }, { host, origin: `http://${host}` });
      expect([name, answer.status]).toEqual([name, 200]);
    }
  });

  test('other methods are 405; no answer lets other origins read it', async () => {
    for (const method of ['GET', 'OPTIONS', 'PUT']) {
      const { status, headers } = await ask(api, '/web/sign-in', {
        method,
        headers: { origin: 'http://evil.example' },
      });
      expect([status, headers.allow, headers['access-control-allow-origin']]).toEqual([
        405,
        'POST',
        undefined,
      ]);
    }
  });
});
