import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { ConfigError, EdAgentError } from '../../src/domain/errors.ts';
import { AuthError, createAuth, signDevelopmentToken } from '../../src/server/auth.ts';
import { loadDevelopmentSecret } from '../../src/server/dev-secret.ts';

const secret = 'a shared secret of more than 32 bytes';
const key = { kind: 'secret', secret } as const;
const hourMs = 3_600_000;

const sign = (claims: JWTPayload, withSecret = secret): Promise<string> =>
  new SignJWT({ sub: 'ada', exp: Math.floor(Date.now() / 1_000) + 3_600, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(withSecret));

const failureOf = async (attempt: Promise<unknown>): Promise<EdAgentError> => {
  const failure = await attempt.then(
    () => new Error('the token was accepted'),
    (error: unknown) => error,
  );
  if (failure instanceof EdAgentError) return failure;
  throw failure;
};

const reasonOf = async (attempt: Promise<unknown>): Promise<string> => {
  const failure = await failureOf(attempt);
  return failure instanceof AuthError ? failure.reason : failure.code;
};

describe('a token signed with the shared secret', () => {
  const auth = createAuth({ key });

  test('gives the user, the name, the role and the end', async () => {
    const token = await signDevelopmentToken({
      secret,
      user: 'ada',
      name: 'Ada',
      role: 'admin',
      ttlMs: hourMs,
    });
    const { expiresAt, ...rest } = await auth.authenticate(`Bearer ${token}`);
    expect(rest).toEqual({ userId: 'ada', name: 'Ada', role: 'ADMIN' });
    expect(Math.abs(expiresAt.getTime() - Date.now() - hourMs)).toBeLessThan(5_000);
  });

  test.each(['Bearer', 'bearer', 'BEARER'])('is taken with the scheme %s', async (scheme) => {
    await expect(auth.authenticate(`${scheme} ${await sign({})}`)).resolves.toMatchObject({ userId: 'ada' });
  });

  test('makes a learner named by the user id when it says nothing else', async () => {
    await expect(auth.authenticate(`Bearer ${await sign({})}`)).resolves.toMatchObject({
      name: 'ada',
      role: 'LEARNER',
    });
  });

  test('gives a name of at most 80 characters without control characters', async () => {
    const names = [`${'x'.repeat(100)}`, '\u202eAda\n\u0007', 7, '  '];
    const given = await Promise.all(
      names.map(async (name) => (await auth.authenticate(`Bearer ${await sign({ name })}`)).name),
    );
    expect(given).toEqual(['x'.repeat(80), 'Ada', 'ada', 'ada']);
  });

  test.each([undefined, null, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'abc.def.ghi'])(
    'is missing in %j',
    async (authorization) => {
      expect(await reasonOf(auth.authenticate(authorization))).toBe('missing');
    },
  );

  test('is expired from the second its exp names', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 100;
    const token = `Bearer ${await sign({ exp })}`;
    const at = (nowMs: number) => createAuth({ key, now: () => nowMs }).authenticate(token);
    await expect(at(exp * 1_000 - 1)).resolves.toMatchObject({ userId: 'ada' });
    expect(await reasonOf(at(exp * 1_000))).toBe('expired');
    expect(await reasonOf(at(exp * 1_000 + hourMs))).toBe('expired');
  });

  test('is not refused by a clock one minute behind', async () => {
    const nbf = Math.floor(Date.now() / 1_000) + 30;
    await expect(auth.authenticate(`Bearer ${await sign({ nbf })}`)).resolves.toMatchObject({
      userId: 'ada',
    });
  });

  test('is forged when it is no token, unsigned, signed otherwise, or tampered with', async () => {
    const genuine = await sign({});
    const [head, , signature] = genuine.split('.');
    const payload = Buffer.from(JSON.stringify({ sub: 'root', exp: 9_999_999_999 })).toString('base64url');
    const forged = [
      'garbage',
      'a b',
      'a.b.c',
      'x'.repeat(20_000),
      new UnsecuredJWT({ sub: 'ada', exp: 9_999_999_999 }).encode(),
      await sign({}, 'another secret of more than 32 bytes!'),
      `${head}.${payload}.${signature}`,
    ];
    for (const token of forged) expect(await reasonOf(auth.authenticate(`Bearer ${token}`))).toBe('forged');
  });

  test.each([
    { exp: undefined },
    { exp: 1e300 },
    { sub: undefined },
    { sub: '' },
    { sub: 'x'.repeat(129) },
    { sub: 'a\nb' },
    { sub: 'a\u0000' },
    { role: 'root' },
    { role: null },
    { role: 'constructor' },
    { role: ['admin'] },
  ])('is refused with the claims %j', async (claims) => {
    const token = await sign(claims as JWTPayload);
    expect(await reasonOf(auth.authenticate(`Bearer ${token}`))).toBe('forged');
  });

  test('is for this issuer and audience only, where these are set', async () => {
    const strict = createAuth({ key, issuer: 'https://idp', audience: 'edagent' });
    const reason = async (claims: JWTPayload) =>
      reasonOf(strict.authenticate(`Bearer ${await sign(claims)}`));
    expect(await reason({})).toBe('forged');
    expect(await reason({ iss: 'https://idp', aud: 'other' })).toBe('forged');
    expect(await reason({ iss: 'https://other', aud: 'edagent' })).toBe('forged');
    const token = await sign({ iss: 'https://idp', aud: ['other', 'edagent'] });
    await expect(strict.authenticate(`Bearer ${token}`)).resolves.toMatchObject({ userId: 'ada' });
  });

  test('[A1] each refusal is UNAUTHENTICATED with a message of its own that holds no token', async () => {
    const expired = `Bearer ${await sign({ exp: 1 })}`;
    const failures = await Promise.all(
      [null, expired, 'Bearer a.b.c'].map((authorization) => failureOf(auth.authenticate(authorization))),
    );
    expect(failures.map((failure) => failure.code)).toEqual(Array(3).fill('UNAUTHENTICATED'));
    expect(new Set(failures.map((failure) => failure.message)).size).toBe(3);
  });
});

describe('a token signed by a key of the published set', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  });

  const startKeyServer = async (keys: JWK[]) => {
    const state = { keys, status: 200, requests: 0 };
    const server = createServer((_request, response) => {
      state.requests += 1;
      response.writeHead(state.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ keys: state.keys }));
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys` };
  };

  const makeSigner = async (alg: 'RS256' | 'ES256' | 'EdDSA' | 'PS256', kid: string) => {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    const jwk: JWK = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
    const signToken = () =>
      new SignJWT({ name: 'Ada' })
        .setProtectedHeader({ alg, kid })
        .setSubject('ada')
        .setExpirationTime('1h')
        .sign(privateKey);
    return { jwk, signToken };
  };

  test.each(['RS256', 'ES256', 'EdDSA'] as const)(
    'is taken with %s, and the set is read once',
    async (alg) => {
      const signer = await makeSigner(alg, 'k1');
      const { url, state } = await startKeyServer([signer.jwk]);
      const auth = createAuth({ key: { kind: 'jwks', url } });
      for (let i = 0; i < 3; i++) {
        const token = await signer.signToken();
        await expect(auth.authenticate(`Bearer ${token}`)).resolves.toMatchObject({
          userId: 'ada',
          name: 'Ada',
        });
      }
      expect(state.requests).toBe(1);
    },
  );

  test('is forged when signed by another key, with another algorithm, or with the public key as a secret', async () => {
    const genuine = await makeSigner('ES256', 'k1');
    const impostor = await makeSigner('ES256', 'k1');
    const unknown = await makeSigner('ES256', 'k2');
    const pss = await makeSigner('PS256', 'k3');
    const { url } = await startKeyServer([genuine.jwk, pss.jwk]);
    const auth = createAuth({ key: { kind: 'jwks', url } });
    const tokens = [
      await impostor.signToken(),
      await unknown.signToken(),
      await pss.signToken(),
      await sign({}, JSON.stringify(genuine.jwk)),
    ];
    for (const token of tokens) expect(await reasonOf(auth.authenticate(`Bearer ${token}`))).toBe('forged');
  });

  test('is taken after the keys were rotated, without a restart', async () => {
    const before = await makeSigner('ES256', 'k1');
    const after = await makeSigner('ES256', 'k2');
    const { url, state } = await startKeyServer([before.jwk]);
    const auth = createAuth({ key: { kind: 'jwks', url }, jwksCooldownMs: 0 });
    await auth.authenticate(`Bearer ${await before.signToken()}`);
    state.keys = [after.jwk];
    await expect(auth.authenticate(`Bearer ${await after.signToken()}`)).resolves.toMatchObject({
      userId: 'ada',
    });
    expect(await reasonOf(auth.authenticate(`Bearer ${await before.signToken()}`))).toBe('forged');
  });

  test('[A1] is neither taken nor forged while the set cannot be read, and is taken when it can', async () => {
    const signer = await makeSigner('ES256', 'k1');
    const { url, state } = await startKeyServer([signer.jwk]);
    const auth = createAuth({ key: { kind: 'jwks', url }, jwksTimeoutMs: 2_000 });
    state.status = 503;
    const failure = await failureOf(auth.authenticate(`Bearer ${await signer.signToken()}`));
    expect(failure).toMatchObject({ code: 'UNAVAILABLE', temporary: true });
    expect(failure.message).not.toContain('127.0.0.1');
    state.status = 200;
    await expect(auth.authenticate(`Bearer ${await signer.signToken()}`)).resolves.toMatchObject({
      userId: 'ada',
    });
  });

  test('of a known key is taken while the provider is away', async () => {
    const signer = await makeSigner('ES256', 'k1');
    const unknown = await makeSigner('ES256', 'k2');
    const { url, state } = await startKeyServer([signer.jwk]);
    const auth = createAuth({ key: { kind: 'jwks', url }, jwksCooldownMs: 0 });
    await auth.authenticate(`Bearer ${await signer.signToken()}`);
    state.status = 503;
    await expect(auth.authenticate(`Bearer ${await signer.signToken()}`)).resolves.toMatchObject({
      userId: 'ada',
    });
    expect(await reasonOf(auth.authenticate(`Bearer ${await unknown.signToken()}`))).toBe('UNAVAILABLE');
  });
});

describe('the secret of development tokens', () => {
  const folders: string[] = [];
  const makeFolder = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'edagent-auth-'));
    folders.push(folder);
    return folder;
  };
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
  });

  test('is made once, kept for its owner alone, and signs tokens that are taken', async () => {
    const dataDir = join(await makeFolder(), 'data');
    const made = await loadDevelopmentSecret({ dataDir, environment: 'development' });
    expect(Buffer.from(made, 'base64url')).toHaveLength(32);
    expect((await stat(join(dataDir, 'dev-secret'))).mode & 0o777).toBe(0o600);
    const token = await signDevelopmentToken({ secret: made, user: 'ada', ttlMs: hourMs });
    const again = await loadDevelopmentSecret({ dataDir, environment: 'test' });
    const auth = createAuth({ key: { kind: 'secret', secret: again } });
    await expect(auth.authenticate(`Bearer ${token}`)).resolves.toMatchObject({ userId: 'ada' });
  });

  test('is one for all who make it at the same time', async () => {
    const dataDir = await makeFolder();
    const all = await Promise.all(
      Array.from({ length: 20 }, () => loadDevelopmentSecret({ dataDir, environment: 'development' })),
    );
    expect(new Set(all).size).toBe(1);
    expect(await readdir(dataDir)).toEqual(['dev-secret']);
  });

  test('is refused in production and leaves no file', async () => {
    const dataDir = await makeFolder();
    await expect(loadDevelopmentSecret({ dataDir, environment: 'production' })).rejects.toThrow(
      'config: EDAGENT_JWKS_URL or EDAGENT_JWT_SECRET is required when NODE_ENV=production',
    );
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('that cannot be made is a ConfigError that names the setting', async () => {
    const file = join(await makeFolder(), 'a-file');
    await writeFile(file, '');
    const dataDir = join(file, 'data');
    await expect(loadDevelopmentSecret({ dataDir, environment: 'development' })).rejects.toThrow(
      /^EDAGENT_DATA_DIR: /,
    );
  });

  test('is not replaced when its file holds something else', async () => {
    const dataDir = await makeFolder();
    const file = join(dataDir, 'dev-secret');
    await writeFile(file, 'short');
    await expect(loadDevelopmentSecret({ dataDir, environment: 'development' })).rejects.toThrow(ConfigError);
    expect(await readFile(file, 'utf8')).toBe('short');
  });
});
