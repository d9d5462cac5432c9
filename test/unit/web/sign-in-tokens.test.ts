import { describe, expect, jest, test } from '@jest/globals';
import { CombinedError } from '@urql/core';
import { createAddressTokens } from '../../../web/src/auth/address-tokens.ts';
import { createDevelopmentSignIn } from '../../../web/src/auth/development-tokens.ts';
import { createEmbeddedTokens } from '../../../web/src/auth/embedded-tokens.ts';
import { TokenError } from '../../../web/src/auth/token-error.ts';
import { createCachedTokens } from '../../../web/src/auth/token-source.ts';
import { reasonOf } from '../../../web/src/graphql/client.ts';

describe('tokens that are kept', () => {
  test('are asked for once by all who want one at the same time, and again only when a fresh one is wanted', async () => {
    let count = 0;
    const tokens = createCachedTokens(async () => `token ${++count}`);
    expect(await Promise.all([tokens.token(), tokens.token(), tokens.token({ fresh: true })])).toEqual([
      'token 1',
      'token 1',
      'token 1',
    ]);
    expect(await tokens.token()).toBe('token 1');
    expect(await tokens.token({ fresh: true })).toBe('token 2');
    expect(await tokens.token()).toBe('token 2');
  });

  test('are asked for again after a request that failed', async () => {
    const outcomes = [new Error('away'), 'token'];
    const tokens = createCachedTokens(async () => {
      const outcome = outcomes.shift() ?? '';
      if (outcome instanceof Error) throw outcome;
      return outcome;
    });
    await expect(tokens.token()).rejects.toThrow('away');
    expect(await tokens.token()).toBe('token');
  });
});

describe('tokens of development', () => {
  const open = async () => {
    const kept = new Map<string, string>();
    const signIn = createDevelopmentSignIn({
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => kept.set(key, value),
      removeItem: (key) => kept.delete(key),
    });
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    let count = 0;
    jest
      .spyOn(globalThis, 'fetch')
      .mockImplementation(async () => Response.json({ token: `token ${++count}`, expiresAt }));
    await signIn.signIn({ name: 'Ada', role: 'LEARNER' });
    return { signIn, kept };
  };

  test('are kept for a reload, and replaced by a fresh one', async () => {
    const { signIn } = await open();
    expect(await signIn.tokens().token()).toBe('token 1');
    expect(await signIn.tokens().token({ fresh: true })).toBe('token 2');
    expect(await signIn.tokens().token()).toBe('token 2');
    expect(signIn.current()).toMatchObject({ name: 'Ada', role: 'LEARNER' });
  });

  test('do not come back with a request that was under way at signing out', async () => {
    const { signIn, kept } = await open();
    const renewed = signIn.tokens().token({ fresh: true });
    signIn.signOut();
    await expect(renewed).rejects.toThrow('You were signed out.');
    expect(kept.size).toBe(0);
    expect(signIn.current()).toBeUndefined();
  });
});

describe('tokens of a sign-in address', () => {
  const address = 'https://school.example/token';
  const open = (answer: () => Promise<Response> | Response, waitMs?: number) => {
    const asked: object[] = [];
    const visited: string[] = [];
    const tokens = createAddressTokens({
      address,
      async fetch(to, init) {
        asked.push({ to, credentials: init.credentials, cache: init.cache });
        const aborted = new Promise<never>((_resolve, reject) =>
          init.signal.addEventListener('abort', () => reject(init.signal.reason)),
        );
        return Promise.race([answer(), aborted]);
      },
      goTo: (location) => visited.push(location),
      ...(waitMs !== undefined && { waitMs }),
    });
    return { tokens, asked, visited };
  };

  test('are asked for with its cookies, and never from a cache', async () => {
    const { tokens, asked } = open(() => Response.json({ token: 'a token' }));
    expect(await tokens.token()).toBe('a token');
    expect(asked).toEqual([{ to: address, credentials: 'include', cache: 'no-store' }]);
  });

  test('lead whoever is not signed in there to where it says', async () => {
    const location = 'https://school.example/login';
    const { tokens, visited } = open(() => Response.json({ location }, { status: 401 }));
    await expect(tokens.token()).rejects.toThrow('You are not signed in, and are being taken');
    expect(visited).toEqual([location]);
  });

  test.each([
    ['javascript:alert(1)', 401],
    ['data:text/html,x', 401],
    ['/login', 401],
    ['https://school.example/login', 403],
  ])('do not lead to %s with %i', async (location, status) => {
    const { tokens, visited } = open(() => Response.json({ location }, { status }));
    await expect(tokens.token()).rejects.toBeInstanceOf(TokenError);
    expect(visited).toEqual([]);
  });

  test.each([
    ['cannot be reached', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['answered with 500 and no token', () => new Response('Oh.', { status: 500 })],
    ['answered with 200 and no token', () => new Response('<html>')],
    ['You are not signed in. Sign in where', () => new Response('', { status: 401 })],
    ['does not answer', () => new Promise<Response>(() => {})],
  ])('that cannot be had say why: %s', async (why, answer) => {
    const refused = await open(answer, 10)
      .tokens.token()
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TokenError);
    expect(reasonOf(new CombinedError({ networkError: refused as TokenError }))).toContain(why);
  });

  test.each([
    ['no JSON', () => new Response('<html>')],
    ['no token', () => Response.json({})],
    ['a token that is no text', () => Response.json({ token: 1 })],
    ['a token and a failure', () => Response.json({ token: 'a token' }, { status: 500 })],
  ])('are none where the answer is %s', async (_what, answer) => {
    await expect(open(answer).tokens.token()).rejects.toThrow();
  });

  test('can be asked for again where the address never answered', async () => {
    const answers: (Response | Promise<Response>)[] = [
      new Promise(() => {}),
      Response.json({ token: 'a token' }),
    ];
    const { tokens } = open(() => answers.shift() ?? Response.error(), 10);
    await expect(tokens.token()).rejects.toThrow();
    expect(await tokens.token()).toBe('a token');
  });
});

describe('tokens of the embedding page', () => {
  const origins = ['https://school.example', 'https://learn.example'];
  const open = (parentOrigin?: string, waitMs = 10_000, isEmbedded = true) => {
    const asked: unknown[] = [];
    const listeners = new Set<(message: { origin: string; source: unknown; data: unknown }) => void>();
    const parent = { postMessage: (message: unknown, to: string) => asked.push([message, to]) };
    const tokens = createEmbeddedTokens({
      origins,
      parent,
      isEmbedded,
      parentOrigin,
      listen(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      waitMs,
    });
    const tell = (origin: string, source: unknown, data: unknown): void => {
      for (const listener of [...listeners]) listener({ origin, source, data });
    };
    return { tokens, asked, listeners, parent, tell };
  };
  const gift = (token: unknown) => ({ type: 'edagent:token', token });

  test('are asked of the origins that are allowed, and of the one alone that the browser tells', async () => {
    const wanted = { type: 'edagent:token-wanted' };
    for (const [parentOrigin, expected] of [
      [undefined, origins],
      ['https://learn.example', ['https://learn.example']],
      ['https://evil.example', []],
    ] as const) {
      const { tokens, asked, parent, tell } = open(parentOrigin);
      const token = tokens.token();
      expect(asked).toEqual(expected.map((origin) => [wanted, origin]));
      tell('https://learn.example', parent, gift('a token'));
      expect(await token).toBe('a token');
    }
  });

  test('are believed only of its window at an allowed origin', async () => {
    const { tokens, parent, listeners, tell } = open();
    const token = tokens.token();
    tell('https://evil.example', parent, gift('of another origin'));
    tell('null', parent, gift('of a sandbox'));
    tell('https://school.example.evil.example', parent, gift('of a name that begins so'));
    tell('https://school.example', {}, gift('of another window'));
    tell('https://school.example', parent, gift(1));
    tell('https://school.example', parent, { type: 'other', token: 'of another kind' });
    tell('https://school.example', parent, null);
    tell('https://school.example', parent, gift('its own'));
    expect(await token).toBe('its own');
    expect(listeners.size).toBe(0);
  });

  test('are not waited for without end', async () => {
    const { tokens, listeners } = open(undefined, 10);
    await expect(tokens.token()).rejects.toThrow('has not signed you in');
    expect(listeners.size).toBe(0);
  });

  test('are asked of nobody where no page is around', async () => {
    const { tokens, asked, listeners } = open(undefined, 10_000, false);
    await expect(tokens.token()).rejects.toThrow('Open it from the page');
    expect([asked, listeners.size]).toEqual([[], 0]);
  });
});
