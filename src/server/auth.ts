import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JWKSCacheInput,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwksCache,
  jwtVerify,
  SignJWT,
} from 'jose';
import type { Role } from '../domain/entities.ts';
import { EdAgentError, unavailable } from '../domain/errors.ts';
import { firstCharacters } from '../domain/text.ts';
import { createVerifiedTokens } from './verified-tokens.ts';

/** What a valid bearer token says. */
export interface AuthToken {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: Date;
}

/**
 * - `missing`: no bearer token was sent.
 * - `expired`: it was genuine once; a new one helps.
 * - `forged`: no key of ours signed it, or it is not for us; sending it again never helps.
 */
export type AuthFailureReason = 'missing' | 'expired' | 'forged';

const failureMessages: Record<AuthFailureReason, string> = {
  missing: 'Sign in first: send a bearer token as "authorization".',
  expired: 'The token has expired: send a new one.',
  forged: 'The token is not valid: sign in again.',
};

export class AuthError extends EdAgentError {
  readonly reason: AuthFailureReason;

  constructor(reason: AuthFailureReason, cause?: unknown) {
    super('UNAUTHENTICATED', failureMessages[reason], { cause });
    this.name = 'AuthError';
    this.reason = reason;
  }
}

export type AuthKey =
  /** Tokens signed with HS256. At least 32 bytes, as text. */
  | { readonly kind: 'secret'; readonly secret: string }
  /** Tokens signed with RS256, ES256 or EdDSA by a key of this set. */
  | { readonly kind: 'jwks'; readonly url: string };

export interface AuthOptions {
  readonly key: AuthKey;
  /** Tokens of any other `iss` are refused. @default any */
  readonly issuer?: string | null;
  /** Tokens of any other `aud` are refused. @default any */
  readonly audience?: string | null;
  /** @default Date.now */
  readonly now?: () => number;
  /** How long the key set may take to come. @default 3_000 */
  readonly jwksTimeoutMs?: number;
  /** A token of an unknown key makes the set be read again, at most this often. @default 1_000 */
  readonly jwksCooldownMs?: number;
}

export interface Auth {
  /**
   * @param authorization the header, or what `connectionParams` held under that name.
   * @throws {AuthError} with its reason.
   * @throws {EdAgentError} UNAVAILABLE when the key set cannot be read: the token may well be valid, so no client may
   *   take this for a dead login.
   */
  authenticate(authorization: string | null | undefined): Promise<AuthToken>;
}

const maxTokenLength = 16_384;
const maxUserIdLength = 128;
const maxNameLength = 80;
/** For `nbf` only, between our clock and the issuer's: a client stops for good on `forged`, so one early second must not be it. */
const clockToleranceSeconds = 60;
/** How long a key set that can no longer be read is still believed. */
const maxStaleMs = 3_600_000;

const parseBearer = (authorization: string | null | undefined): string => {
  const [, token] = /^bearer +(\S.*)$/is.exec(authorization?.trim() ?? '') ?? [];
  if (token === undefined) throw new AuthError('missing');
  if (token.length > maxTokenLength || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) throw new AuthError('forged');
  return token;
};

/** Control characters and lone surrogates: nothing that a store, a log line or a terminal should meet. */
const unprintable = /[\p{Cc}\p{Cs}]/u;
/** In names also what ends a line or turns the direction of text that follows. */
const unfitForNames = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

const toUserId = (sub: unknown): string => {
  if (typeof sub !== 'string' || sub.trim() === '' || sub.length > maxUserIdLength || unprintable.test(sub)) {
    throw new AuthError('forged', new Error('sub is not a user id'));
  }
  return sub;
};

const toName = (name: unknown, userId: string): string => {
  const printable = typeof name === 'string' ? name.replace(unfitForNames, '').trim() : '';
  return firstCharacters(printable || userId, maxNameLength);
};

const roles: Record<string, Role> = { admin: 'ADMIN', learner: 'LEARNER' };

const toRole = (claim: unknown): Role => {
  if (claim === undefined) return 'LEARNER';
  const role = typeof claim === 'string' && Object.hasOwn(roles, claim) ? roles[claim] : undefined;
  if (role === undefined) throw new AuthError('forged', new Error('role is neither admin nor learner'));
  return role;
};

const toExpiry = (exp: unknown): Date => {
  const expiresAt = new Date(typeof exp === 'number' ? exp * 1_000 : Number.NaN);
  if (Number.isNaN(expiresAt.getTime())) throw new AuthError('forged', new Error('exp is not a time'));
  return expiresAt;
};

const toAuthToken = (claims: JWTPayload, now: number): AuthToken => {
  const expiresAt = toExpiry(claims.exp);
  if (expiresAt.getTime() <= now) throw new AuthError('expired');
  const userId = toUserId(claims.sub);
  return { userId, name: toName(claims.name, userId), role: toRole(claims.role), expiresAt };
};

/** Says nothing about the token: the set could not be read, or holds keys that cannot be used. */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;

interface KeySet {
  readonly find: JWTVerifyGetKey;
  /** The set that was read last, another object each time; null: it is to be read again. */
  readonly current: () => unknown;
}

interface KeySetOptions {
  readonly url: string;
  readonly timeoutMs: number;
  readonly cooldownMs: number;
  readonly now: () => number;
}

/**
 * jose reads the set at first use, again after ten minutes, and when a token names an unknown key. While the provider
 * does not answer, the set read last serves on, but not for ever: keys are withdrawn by leaving the set.
 */
const createKeySet = ({ url, timeoutMs, cooldownMs, now }: KeySetOptions): KeySet => {
  const read: JWKSCacheInput = {};
  const keySet = createRemoteJWKSet(new URL(url), {
    timeoutDuration: timeoutMs,
    cooldownDuration: cooldownMs,
    [jwksCache]: read,
  });
  let freshAt = Number.NEGATIVE_INFINITY;

  const staleKey: JWTVerifyGetKey = (header, token) => {
    const known = keySet.jwks();
    if (known === undefined || now() > freshAt + maxStaleMs) throw new Error('no key set was read lately');
    return createLocalJWKSet(known)(header, token);
  };

  const find: JWTVerifyGetKey = async (header, token) => {
    try {
      const key = await keySet(header, token);
      freshAt = now();
      return key;
    } catch (error) {
      if (isAboutToken(error)) throw error;
      try {
        return await staleKey(header, token);
      } catch {
        throw unavailable('Tokens cannot be checked right now: try again in a moment.', error);
      }
    }
  };

  return { find, current: () => (keySet.fresh ? read.jwks : null) };
};

const toFailure = (error: unknown): unknown => {
  if (error instanceof errors.JWTExpired) return new AuthError('expired', error);
  return error instanceof errors.JOSEError ? new AuthError('forged', error) : error;
};

type VerifierOptions = Required<Pick<AuthOptions, 'key' | 'now' | 'jwksTimeoutMs' | 'jwksCooldownMs'>>;

interface Verifier {
  readonly algorithms: string[];
  /** What verifies now, compared by identity; null: the keys have to be read first. */
  keys(): unknown;
  verify(token: string, options: JWTVerifyOptions): Promise<JWTPayload>;
}

const toVerifier = (options: VerifierOptions): Verifier => {
  const { key, now } = options;
  if (key.kind === 'secret') {
    const secret = new TextEncoder().encode(key.secret);
    return {
      algorithms: ['HS256'],
      keys: () => secret,
      verify: async (token, rules) => (await jwtVerify(token, secret, rules)).payload,
    };
  }
  const { jwksTimeoutMs: timeoutMs, jwksCooldownMs: cooldownMs } = options;
  const keySet = createKeySet({ url: key.url, timeoutMs, cooldownMs, now });
  return {
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    keys: keySet.current,
    verify: async (token, rules) => (await jwtVerify(token, keySet.find, rules)).payload,
  };
};

export const createAuth = ({
  key,
  issuer = null,
  audience = null,
  now = Date.now,
  jwksTimeoutMs = 3_000,
  jwksCooldownMs = 1_000,
}: AuthOptions): Auth => {
  const { algorithms, keys, verify } = toVerifier({ key, jwksTimeoutMs, jwksCooldownMs, now });
  const verified = createVerifiedTokens({ now, keys });

  return {
    async authenticate(authorization) {
      const token = parseBearer(authorization);
      const known = verified.find(token);
      if (known) return known;
      const verifiedWith = keys();
      try {
        const payload = await verify(token, {
          algorithms,
          requiredClaims: ['exp', 'sub'],
          clockTolerance: clockToleranceSeconds,
          currentDate: new Date(now()),
          ...(issuer === null ? {} : { issuer }),
          ...(audience === null ? {} : { audience }),
        });
        const authToken = toAuthToken(payload, now());
        // Read anew meanwhile, the keys may no longer hold the one that was used.
        if (keys() === verifiedWith) verified.add(token, authToken, verifiedWith);
        return authToken;
      } catch (error) {
        throw toFailure(error);
      }
    },
  };
};

export interface DevelopmentTokenOptions {
  readonly secret: string;
  readonly user: string;
  /** @default user */
  readonly name?: string;
  /** @default 'learner' */
  readonly role?: 'admin' | 'learner';
  readonly ttlMs: number;
  /** For a server that checks them. */
  readonly issuer?: string | null;
  readonly audience?: string | null;
}

/** A token that `createAuth` takes with the same secret. */
export const signDevelopmentToken = ({
  secret,
  user,
  name = user,
  role = 'learner',
  ttlMs,
  issuer = null,
  audience = null,
}: DevelopmentTokenOptions): Promise<string> => {
  const token = new SignJWT({ name, role })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(toUserId(user))
    .setIssuedAt()
    .setExpirationTime(new Date(Date.now() + ttlMs));
  if (issuer !== null) token.setIssuer(issuer);
  if (audience !== null) token.setAudience(audience);
  return token.sign(new TextEncoder().encode(secret));
};
